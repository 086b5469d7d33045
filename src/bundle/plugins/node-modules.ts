/**
 * esbuild plugin of v2 builds: Node's modules are the runtime's or an emulation's, whatever packages
 * and "browser" maps say (spec/node.md 2.2). Made by bundler.ts, runs in the session process.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import type { OnResolveResult, Plugin } from "esbuild";
import { escapeRegExp } from "../../util/glob.ts";
import { isShim, type NodeEnvironment } from "../node/environment.ts";
import { DEBUG, isNodeModule, replacedNames } from "../node/names.ts";

/** `require("x")` of a built-in: the bundle is an ES module, and has imports only. */
const REQUIRE = "drover-node-require";
/** `require("x")` of what is emulated as an ES module, for CommonJS packages. */
const REQUIRE_SHIM = "drover-shim-require";
/** Behind the file's name: esbuild takes what ends in .mjs for a module without `module`. */
const REQUIRED = "#require";
const INJECT = "drover-inject";

export interface NodeModulesPluginOptions {
  readonly environment: NodeEnvironment;
  /** Specifiers that the user maps to something else; those are none of ours. */
  readonly aliased: ReadonlySet<string>;
  /** The project's folder. */
  readonly root: string;
}

/** Names for esbuild's `inject`. */
export function injectedFiles({ injected, polyfills }: NodeEnvironment): string[] {
  return [...[...injected.keys()].map((name) => `${INJECT}:${name}`), ...polyfills];
}

export function nodeModulesPlugin(options: NodeModulesPluginOptions): Plugin {
  const { environment, aliased, root } = options;
  return {
    name: "drover-node-modules",
    setup(build) {
      const names = replacedNames().filter((name) => !aliased.has(name));
      const filter = new RegExp(`^(?:${names.map(escapeRegExp).join("|")})$`);
      build.onResolve({ filter }, ({ path, kind, namespace }) => {
        if (kind === "entry-point") return undefined;
        if (path === DEBUG) return debugOf(root);
        const file = environment.files.get(path);
        const isRequired = kind === "require-call" && namespace !== REQUIRE;
        if (isRequired && file !== undefined && isShim(path, file)) {
          return { path: `${file}${REQUIRED}`, namespace: REQUIRE_SHIM };
        }
        if (isRequired && isNodeModule(path)) return { path, namespace: REQUIRE };
        // unenv's modules have no side effects: what nobody uses is left out.
        if (file !== undefined) return { path: file, sideEffects: false };
        return isNodeModule(path) ? { path, external: true } : undefined;
      });
      build.onLoad({ filter: /.*/, namespace: REQUIRE }, ({ path }) => ({
        contents: `import builtin from ${JSON.stringify(path)};\nmodule.exports = builtin;`,
        loader: "js",
      }));
      build.onLoad({ filter: /.*/, namespace: REQUIRE_SHIM }, ({ path }) => ({
        contents: copyOfExports(path.slice(0, -REQUIRED.length)),
        resolveDir: root,
        loader: "js",
      }));
      build.onResolve({ filter: new RegExp(`^${INJECT}:`) }, ({ path }) => ({
        path: path.slice(INJECT.length + 1),
        namespace: INJECT,
        sideEffects: true,
      }));
      build.onLoad({ filter: /.*/, namespace: INJECT }, ({ path }) => ({
        contents: environment.injected.get(path) ?? "",
        resolveDir: root,
        loader: "js",
      }));
    },
  };
}

/** The default export with the others on it, as CommonJS code expects them. */
function copyOfExports(file: string): string {
  // A name in a variable: esbuild would warn of modules without a default export.
  return `import * as all from ${JSON.stringify(file)};
const main = "default";
module.exports = Object.entries(all)
  .filter(([name]) => name !== main)
  .reduce((target, [name, value]) => Object.defineProperty(target, name, { value, enumerable: true }),
    main in all ? all[main] : {});
`;
}

/** In its Node build, which the "browser" field would replace; undefined where the project has none. */
function debugOf(root: string): OnResolveResult | undefined {
  try {
    return { path: createRequire(join(root, "package.json")).resolve(DEBUG) };
  } catch {
    return undefined;
  }
}
