/** Which Workers a set of changed files belongs to, and whether their config must be read again. */
import { sep } from "node:path";
import type { BuildInputs } from "../bundle/inputs.ts";
import type { ResolvedConfig } from "../config/types.ts";

export interface Watched {
  readonly name: string;
  readonly config: ResolvedConfig;
  /** What the last build depended on, or failed for the want of. */
  readonly inputs: BuildInputs;
}

export type ReloadKind =
  /** Config or var file: resolve this Worker's config again. */
  "config" | "source";

export interface Reload {
  readonly kind: ReloadKind;
  readonly files: readonly string[];
}

/** Worker name -> what to do; Workers that the files do not concern are absent. */
export function reloadsFor(
  changed: readonly string[],
  workers: readonly Watched[],
): ReadonlyMap<string, Reload> {
  const reloads = new Map<string, Reload>();
  for (const worker of workers) {
    const config = changed.filter((file) => worker.config.watchFiles.includes(file));
    const source = changed.filter((file) => isInput(file, worker.inputs));
    if (config.length > 0) reloads.set(worker.name, { kind: "config", files: config });
    else if (source.length > 0) reloads.set(worker.name, { kind: "source", files: source });
  }
  return reloads;
}

/** Everything that must be watched for a Worker. */
export function placesOf({ config, inputs }: Watched): BuildInputs {
  return { files: new Set([...config.watchFiles, ...inputs.files]), trees: inputs.trees };
}

function isInput(file: string, { files, trees }: BuildInputs): boolean {
  if (files.has(file) || trees.has(file)) return true;
  for (const tree of trees) if (file.startsWith(tree + sep)) return true;
  return false;
}
