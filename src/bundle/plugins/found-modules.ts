/**
 * esbuild plugin for `find_additional_modules`. Made by bundler.ts, runs in the session process.
 */
import { resolve } from "node:path";
import type { Plugin } from "esbuild";

/**
 * With `find_additional_modules`: relative imports of files that the walk of `base_dir` found stay
 * imports, under the name that the file has in the bundle. `found`: absolute file -> name; read at
 * every import, so the walk of a later build may replace its contents.
 */
export function foundModulesPlugin(found: ReadonlyMap<string, string>): Plugin {
  return {
    name: "drover-found-modules",
    setup(build) {
      build.onResolve({ filter: /^\.\.?\// }, (args) => {
        if (args.kind === "entry-point") return undefined;
        const name = found.get(resolve(args.resolveDir, args.path));
        return name === undefined ? undefined : { path: name, external: true };
      });
    },
  };
}
