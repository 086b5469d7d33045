import type { ResolvedConfig } from "../../src/config/types.ts";

/** A config with nothing in it, for tests of what is done with configs. */
export function resolvedConfig(changes: Partial<ResolvedConfig> = {}): ResolvedConfig {
  return {
    configPath: "/project/wrangler.toml",
    root: "/project",
    userRoot: "/project",
    name: "worker",
    environment: undefined,
    main: "/project/index.js",
    compatibilityDate: "2026-01-01",
    compatibilityFlags: [],
    laterBehaviour: [],
    rules: [],
    noBundle: false,
    findAdditionalModules: false,
    preserveFileNames: false,
    baseDir: "/project",
    define: {},
    alias: {},
    minify: false,
    keepNames: true,
    jsxFactory: "React.createElement",
    jsxFragment: "React.Fragment",
    tsconfig: undefined,
    build: undefined,
    dev: {
      ip: undefined,
      port: undefined,
      localProtocol: "http",
      upstreamProtocol: undefined,
      host: undefined,
      inspectorPort: undefined,
      inspectorIp: undefined,
      generateTypes: false,
    },
    cpuMs: 30_000,
    bindings: [],
    assets: undefined,
    site: undefined,
    services: [],
    tailConsumers: [],
    streamingTailConsumers: [],
    durableObjects: [],
    externalDurableObjects: [],
    rows: [],
    variables: [],
    crons: [],
    listeners: [],
    queueConsumers: [],
    routes: [],
    warnings: [],
    unsupported: [],
    watchFiles: ["/project/wrangler.toml"],
    notes: [],
    raw: {},
    ...changes,
  };
}

/** A service binding as it stands in `services`. */
export function service(binding: string, name: string, entrypoint?: string) {
  return { binding, service: name, entrypoint, props: undefined, position: undefined };
}
