/**
 * Leaves Node's modules to the thread's loader as `node:x`. `require("x")` in CommonJS packages
 * becomes an import of the same, because the bundle is an ES module and has no `require`.
 */
import type { Plugin } from "esbuild";
import { escapeRegExp } from "../../util/glob.ts";
import { bareBuiltins, missingFlagWarning, type NodeCompatMode } from "../node-compat.ts";

const NAMESPACE = "drover-node-require";
/** Marks the resolve() calls below, so that they do not end in this plugin again. */
const OWN = Symbol("node-builtins");

/** `aliased`: specifiers that the user maps to something else; those are none of ours. */
export function nodeBuiltinsPlugin(mode: NodeCompatMode, aliased: ReadonlySet<string>): Plugin {
  return {
    name: "drover-node-builtins",
    setup(build) {
      /** Warned about in this build: one remark per module, however many files import it. */
      const warned = new Set<string>();
      build.onStart(() => warned.clear());
      const filter = new RegExp(`^(?:node:.+|${bareBuiltins.map(escapeRegExp).join("|")})$`);
      build.onResolve({ filter }, async (args) => {
        if (args.pluginData === OWN || aliased.has(args.path)) return undefined;
        if (args.kind === "entry-point" || args.namespace === NAMESPACE) return undefined;
        const prefixed = args.path.startsWith("node:");
        if (mode !== "v2") {
          // A package of that name, or the importer's "browser" map, wins where Node is not there.
          const { kind, importer, resolveDir } = args;
          const found = await build.resolve(args.path, {
            kind,
            importer,
            resolveDir,
            pluginData: OWN,
          });
          // Not `found` itself: `"browser": { "fs": false }` is an empty module, which only esbuild's
          // own answer can say.
          if (found.errors.length === 0) return undefined;
        }
        const path = prefixed ? args.path : `node:${args.path}`;
        const isFine = isAllowed(mode, args.path) || warned.has(path);
        if (!isFine) warned.add(path);
        const warnings = isFine ? [] : [{ text: missingFlagWarning(args.path), pluginName: "" }];
        if (args.kind === "require-call") return { path, namespace: NAMESPACE, warnings };
        return { path, external: true, warnings };
      });
      build.onResolve({ filter: /^node:/, namespace: NAMESPACE }, (args) => ({
        path: args.path,
        external: true,
      }));
      build.onLoad({ filter: /.*/, namespace: NAMESPACE }, (args) => ({
        contents: `import builtin from ${JSON.stringify(args.path)}; module.exports = builtin;`,
        loader: "js",
      }));
    },
  };
}

function isAllowed(mode: NodeCompatMode, specifier: string): boolean {
  switch (mode) {
    case "v2":
      return true;
    case "v1":
      return specifier.startsWith("node:");
    case "als":
      return specifier === "node:async_hooks";
    case "none":
      return false;
  }
}
