/** esbuild plugin for `alias`. Made by bundler.ts, runs in the session process. */
import { dirname, isAbsolute } from "node:path";
import type { Plugin } from "esbuild";
import { escapeRegExp } from "../../util/glob.ts";

const OWN = Symbol("alias");

/**
 * `alias` of the config: exact specifiers only, values resolved from the config's folder. esbuild's
 * own `alias` also maps what is below a name ("react" would drag "react/jsx-runtime" along).
 */
export function aliasPlugin(alias: Readonly<Record<string, string>>, root: string): Plugin {
  return {
    name: "drover-alias",
    setup(build) {
      const names = Object.keys(alias);
      if (names.length === 0) return;
      const filter = new RegExp(`^(?:${names.map(escapeRegExp).join("|")})$`);
      build.onResolve({ filter }, (args) => {
        const target = alias[args.path];
        if (target === undefined || args.pluginData === OWN) return undefined;
        return build.resolve(target, {
          kind: args.kind,
          importer: args.importer,
          resolveDir: isAbsolute(target) ? dirname(target) : root,
          pluginData: OWN,
        });
      });
    },
  };
}
