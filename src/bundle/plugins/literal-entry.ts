/**
 * esbuild takes an entry point with a `*` in it, which a folder above may have, for a pattern of files. Such an entry goes by another
 * name, which this plugin resolves. Used by bundler.ts and types/entries.ts, in their processes.
 */
import type { Plugin } from "esbuild";

const NAME = "drover:entry";

/** What esbuild is told of `main`, an absolute path. */
export function literalEntry(main: string): { entryPoints: string[]; plugins: Plugin[] } {
  if (!main.includes("*")) return { entryPoints: [main], plugins: [] };
  const plugin: Plugin = {
    name: "drover-literal-entry",
    setup(build) {
      build.onResolve({ filter: /^drover:entry$/ }, ({ kind }) =>
        kind === "entry-point" ? { path: main } : undefined,
      );
    },
  };
  return { entryPoints: [NAME], plugins: [plugin] };
}
