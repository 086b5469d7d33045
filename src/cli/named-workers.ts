/** `drover dev api`: a session of the Workers that one of them needs, found in the workspace. */
import { statSync } from "node:fs";
import { relative, resolve } from "node:path";
import type { ConfigSource } from "../config/flags.ts";
import { findWorkspaceConfigs } from "../config/workspace/find-configs.ts";
import { reachOf, readGraph, type WorkerGraph } from "../config/workspace/graph.ts";
import { findWorkspace } from "../registry/workspace.ts";
import { ExitCode, UserError } from "../util/errors.ts";
import { nearest } from "../util/nearest.ts";

export interface NamedWorkers {
  readonly sources: readonly ConfigSource[];
  readonly notes: readonly string[];
  /** Configs that were passed over: one that cannot be read may be the Worker that a binding lacks. */
  readonly warnings: readonly string[];
}

/**
 * A word that is no file names a Worker of the workspace, which starts with
 * everything that its bindings reach. Undefined: the argument is a script or a folder.
 *
 * @throws UserError WORKER_NOT_FOUND
 */
export function findNamedWorkers(
  argument: string,
  cwd: string,
  environment: string | undefined,
): NamedWorkers | undefined {
  const stats = statSync(resolve(cwd, argument), { throwIfNoEntry: false });
  if (stats?.isFile() === true) return undefined;
  const { root } = findWorkspace(cwd);
  const graph = readGraph(findWorkspaceConfigs(root), { cwd, environment });
  const reached = reachOf(graph, argument) ?? reachOf(graph, `${argument}-${environment ?? ""}`);
  if (reached === undefined) {
    if (stats?.isDirectory() === true) return undefined;
    throw workerNotFound(argument, root, graph);
  }
  const shown = reached.map(({ name, config }) => `${name} (${relative(cwd, config) || config})`);
  return {
    sources: reached.map(({ config, environment: own = "" }) => ({
      path: config,
      environment: own,
    })),
    notes: [`Starting ${shown.join(", ")}.`],
    warnings: graph.problems.map(({ text }) => text),
  };
}

function workerNotFound(name: string, root: string, { workers, problems }: WorkerGraph): UserError {
  const names = workers.map((worker) => worker.name);
  const close = nearest(name, names);
  const hint = [
    names.length === 0 ? "There are none." : `There are: ${names.join(", ")}.`,
    ...(close === undefined ? [] : [`Did you mean "${close}"?`]),
    ...problems.map(({ text }) => text),
  ];
  return new UserError(
    "WORKER_NOT_FOUND",
    `"${name}" is no file, and no config in ${root} has a Worker of this name.`,
    { exitCode: ExitCode.config, hint: hint.join("\n") },
  );
}
