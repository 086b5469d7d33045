/** `drover graph`: the Workers of a workspace and what they bind of each other. Starts nothing. */
import { resolve } from "node:path";
import { parseConfigArgument } from "../../config/flags.ts";
import { findWorkspaceConfigs } from "../../config/workspace/find-configs.ts";
import { readGraph } from "../../config/workspace/graph.ts";
import { findWorkspace } from "../../registry/workspace.ts";
import { ExitCode } from "../../util/errors.ts";
import { formatGraph, type GraphFormat } from "../graph/format.ts";
import { printMessage } from "../ui/message.ts";
import type { Terminal } from "../ui/terminal.ts";

export interface GraphValues {
  readonly config?: readonly string[];
  readonly env?: string;
  readonly format?: GraphFormat;
}

/** Prints the graph. Exit code 2 if a config that was named cannot be read. */
export async function runGraph(values: GraphValues, terminal: Terminal): Promise<number> {
  const cwd = process.cwd();
  const { config = [], env, format = "text" } = values;
  const isNamed = config.length > 0;
  const configs = isNamed
    ? config.map((argument) => resolve(cwd, parseConfigArgument(argument).path))
    : findWorkspaceConfigs(findWorkspace(cwd).root);
  const environment = env ?? process.env.CLOUDFLARE_ENV;
  const graph = readGraph(configs, { cwd, environment: environment || undefined });
  // What was found on the way may be none of what is looked for; what was named is.
  for (const { text } of graph.problems)
    printMessage(terminal, isNamed ? "error" : "warning", text);
  terminal.print(formatGraph(graph, format, cwd));
  return isNamed && graph.problems.length > 0 ? ExitCode.config : ExitCode.ok;
}
