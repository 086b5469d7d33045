/**
 * What Workers export, as their bundles tell: re-exports count. Each entry is looked at once. A
 * Worker that does not build exports nothing, as for wrangler.
 */
import { existsSync } from "node:fs";
import { extname, relative, sep } from "node:path";
import { createBundler } from "../bundle/bundler.ts";
import { loadEsbuild } from "../bundle/esbuild-service.ts";
import { literalEntry } from "../bundle/plugins/literal-entry.ts";
import { resolveConfig } from "../config/resolve.ts";

export interface Entry {
  /** Absolute; undefined for a Worker of static assets alone, and for one that does not build. */
  readonly main: string | undefined;
  readonly exports: readonly string[];
}

/** Where entries are looked up: a config's absolute path, an environment of it. */
export type EntrySource = (path: string, environment: string | undefined) => Promise<Entry>;

const NO_EXPORTS: Entry = { main: undefined, exports: [] };

/** `main` from `folder`, as an import without extension: "./src/index". */
export function importPath(main: string, folder: string): string {
  const path = relative(folder, main).split(sep).join("/");
  const plain = path.slice(0, path.length - extname(path).length);
  return plain.startsWith(".") ? plain : `./${plain}`;
}

/** `undefined`: the file is not there, or is no JavaScript or TypeScript. */
export type WorkerFormat = "modules" | "service-worker" | undefined;

/** Which form an entry has, by its own text: a Worker that exports nothing listens for events. */
export async function formatOf(main: string): Promise<WorkerFormat> {
  const { build } = await loadEsbuild();
  try {
    const { metafile, outputFiles } = await build({
      ...literalEntry(main),
      outdir: "/",
      format: "esm",
      metafile: true,
      write: false,
      logLevel: "silent",
    });
    const names = Object.values(metafile.outputs).flatMap((output) => output.exports);
    const text = outputFiles.map((file) => file.text).join("");
    const exportsOthers = /^export \* from /m.test(text) || /\bmodule\.exports\b/.test(text);
    return names.length > 0 || exportsOthers ? "modules" : "service-worker";
  } catch {
    return undefined;
  }
}

/** The entry of the Worker that `path` configures, bundled as `drover dev` does it. */
export async function bundleEntry(path: string, environment: string | undefined): Promise<Entry> {
  let config: ReturnType<typeof resolveConfig>;
  try {
    config = resolveConfig({ path, ...(environment === undefined ? {} : { environment }) });
  } catch {
    return NO_EXPORTS;
  }
  if (config.main === "") return NO_EXPORTS;
  // What the build command makes is taken as it is, where it is there.
  const build = existsSync(config.main) ? undefined : config.build;
  await using bundler = createBundler({
    ...config,
    build,
    noBundle: false,
    findAdditionalModules: false,
  });
  const result = await bundler.build();
  return result.ok ? { main: config.main, exports: result.exports ?? [] } : NO_EXPORTS;
}
