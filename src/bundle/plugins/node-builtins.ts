/**
 * esbuild plugin of builds without Node's modules: `node:x` that no package provides is left to the
 * thread's loader, with a warning that names the importers (spec/node.md 2.1). Names without prefix
 * are packages like any other. `require("node:x")` in CommonJS packages becomes an import, because the
 * bundle is an ES module and has no `require`.
 */
import { relative } from "node:path";
import type { Plugin } from "esbuild";
import { isSilent, missingFlagWarning, type NodeCompatMode } from "../node/mode.ts";
import { REQUIRE, requireModule } from "./require-namespace.ts";

/** Marks the resolve() calls below, so that they do not end in this plugin again. */
const OWN = Symbol("node-builtins");

export interface NodeBuiltinsPluginOptions {
  readonly mode: NodeCompatMode;
  /** Specifiers that the user maps to something else; those are none of ours. */
  readonly aliased: ReadonlySet<string>;
  /** What importers are shown relative to. */
  readonly root: string;
}

export function nodeBuiltinsPlugin(options: NodeBuiltinsPluginOptions): Plugin {
  const { mode, aliased, root } = options;
  return {
    name: "drover-node-builtins",
    setup(build) {
      /** Of this build, by specifier. */
      const importers = new Map<string, Set<string>>();
      build.onStart(() => importers.clear());
      build.onResolve({ filter: /^node:./ }, async (args) => {
        const { path, kind, importer, resolveDir, namespace } = args;
        if (args.pluginData === OWN || aliased.has(path)) return undefined;
        if (kind === "entry-point" || namespace === REQUIRE) return undefined;
        // The importer's "browser" map wins. Not `found` itself: `false` there is an empty module,
        // which only esbuild's own answer can say.
        const found = await build.resolve(path, { kind, importer, resolveDir, pluginData: OWN });
        if (found.errors.length === 0) return undefined;
        if (!isSilent(mode, path)) {
          const known = importers.get(path) ?? new Set();
          importers.set(path, known.add(relative(root, importer)));
        }
        return kind === "require-call" ? { path, namespace: REQUIRE } : { path, external: true };
      });
      build.onResolve({ filter: /^node:/, namespace: REQUIRE }, ({ path }) => ({
        path,
        external: true,
      }));
      build.onLoad({ filter: /.*/, namespace: REQUIRE }, ({ path }) => ({
        contents: requireModule(path),
        loader: "js",
      }));
      build.onEnd(() => ({
        warnings: [...importers].map(([specifier, files]) => ({
          text: missingFlagWarning(specifier, [...files]),
          pluginName: "",
        })),
      }));
    },
  };
}
