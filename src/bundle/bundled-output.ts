/**
 * From esbuild's output files to the entry module of a Bundle.
 */
import type { BuildResult, Metafile } from "esbuild";
import type { ResolvedConfig } from "../config/types.ts";
import type { BundleModule } from "../protocol/bundle.ts";
import { entryName, virtualOutput, type WorkerBuildOptions } from "./esbuild-options.ts";
import { isNodeModule } from "./node/names.ts";
import { requiredName } from "./plugins/require-namespace.ts";
import { withAbsoluteSources } from "./source-map.ts";

export interface BundledOutput {
  readonly entry: BundleModule;
  readonly exports: readonly string[];
  /** Of what it imports at run time. */
  readonly imports: readonly string[];
  /** The runtime's modules that its sources ask for, as they name them. */
  readonly builtins: readonly string[];
}

export function bundledOutput(
  result: BuildResult<WorkerBuildOptions>,
  config: ResolvedConfig,
): BundledOutput {
  const path = virtualOutput(config.main);
  const script = result.outputFiles.find((file) => file.path === path);
  const map = result.outputFiles.find((file) => file.path === `${path}.map`);
  if (script === undefined) throw new Error(`esbuild wrote no ${path}`);
  const output = Object.values(result.metafile.outputs).find(({ entryPoint }) => entryPoint);
  const entry: BundleModule = {
    name: entryName(config),
    kind: "esm",
    contents: script.text,
    ...(map === undefined ? {} : { sourceMap: withAbsoluteSources(map.contents, path) }),
  };
  const imports = (output?.imports ?? []).flatMap(({ path: name, external }) =>
    external === true ? [name] : [],
  );
  const builtins = builtinsOf(result.metafile);
  return { entry, exports: output?.exports ?? [], imports, builtins };
}

function builtinsOf({ inputs }: Metafile): string[] {
  const names = new Set<string>();
  for (const [file, { imports }] of Object.entries(inputs)) {
    if (requiredName(file) !== undefined) continue;
    for (const { path, external } of imports) {
      const name = external === true ? path : requiredName(path);
      if (name !== undefined) names.add(name);
    }
  }
  return [...names].filter((name) => isNodeModule(name) || /^(?:cloudflare|node):/.test(name));
}
