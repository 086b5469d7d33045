/**
 * esbuild plugin of v2 builds: Node's modules are the runtime's or an emulation's, whatever packages
 * and "browser" maps say (spec/node.md 2.2). Made by bundler.ts, runs in the session process.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import type { OnResolveResult, Plugin } from "esbuild";
import { escapeRegExp } from "../../util/glob.ts";
import { isShim, type NodeEnvironment } from "../node/environment.ts";
import { DEBUG, isNodeModule, prefixedNames, replacedNames } from "../node/names.ts";
import { REQUIRE, requireModule } from "./require-namespace.ts";

/** `require("x")` of what is emulated as an ES module, for CommonJS packages. */
const REQUIRE_SHIM = "drover-shim-require";
const INJECT = "drover-inject";

export interface NodeModulesPluginOptions {
  readonly environment: NodeEnvironment;
  /** Specifiers that the user maps to something else; those are none of ours. */
  readonly aliased: ReadonlySet<string>;
  /** The project's folder. */
  readonly root: string;
}

/**
 * For esbuild's `external`: what most of the plugin's own modules import, so that esbuild need not
 * ask for each. With the prefix, which no package has: "buffer" would cover "buffer/" too.
 */
export function nativeNames(options: Omit<NodeModulesPluginOptions, "root">): ReadonlySet<string> {
  const { environment, aliased } = options;
  const isNative = (name: string) => !environment.files.has(name) && !aliased.has(name);
  return new Set(prefixedNames().filter(isNative));
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
      const native = nativeNames(options);
      // Of files only: each question is a message to this process and back, in the way of a reload.
      build.onResolve({ filter: anyOf(names), namespace: "file" }, ({ path, kind }) => {
        if (kind === "entry-point") return undefined;
        if (path === DEBUG) return debugOf(root);
        const file = environment.files.get(path);
        const isRequired = kind === "require-call";
        if (isRequired && file !== undefined && isShim(path, file)) {
          // Under its name: a path that ends in .mjs would be no CommonJS module.
          return { path, namespace: REQUIRE_SHIM };
        }
        if (isRequired && isNodeModule(path)) return { path, namespace: REQUIRE };
        // unenv's modules have no side effects: what nobody uses is left out.
        if (file !== undefined) return { path: file, sideEffects: false };
        return isNodeModule(path) ? { path, external: true } : undefined;
      });
      build.onLoad({ filter: /.*/, namespace: REQUIRE }, ({ path }) => {
        const prefixed = path.startsWith("node:") ? path : `node:${path}`;
        const target = environment.files.get(path) ?? (native.has(prefixed) ? prefixed : path);
        return {
          contents: requireModule(target),
          resolveDir: root,
          loader: "js",
        };
      });
      const others = names.filter((name) => !native.has(name));
      build.onResolve({ filter: anyOf(others), namespace: REQUIRE }, ({ path }) => ({
        path,
        external: true,
      }));
      build.onLoad({ filter: /.*/, namespace: REQUIRE_SHIM }, ({ path }) => ({
        contents: copyOfExports(environment.files.get(path) ?? path),
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

function anyOf(names: readonly string[]): RegExp {
  return new RegExp(`^(?:${names.map(escapeRegExp).join("|")})$`);
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
