/** A graph of Workers as text, Mermaid and JSON; pure. */
import { relative } from "node:path";
import { blue, dim, red } from "kleur/colors";
import type { GraphEdge, WorkerGraph } from "../../config/workspace/graph.ts";

export const GRAPH_FORMATS = ["text", "mermaid", "json"] as const;
export type GraphFormat = (typeof GRAPH_FORMATS)[number];

export function formatGraph(graph: WorkerGraph, format: GraphFormat, cwd: string): string {
  if (format === "json") return JSON.stringify(toJson(graph, cwd), null, 2);
  return format === "mermaid" ? toMermaid(graph) : toText(graph, cwd);
}

/** A Worker and below it a line for each binding. */
function toText({ workers, edges }: WorkerGraph, cwd: string): string {
  if (workers.length === 0) return "There is no Worker here.";
  return workers
    .map(({ name, config, environment }) => {
      const own = edges.filter(({ from }) => from === name);
      const width = Math.max(0, ...own.map((edge) => bindingOf(edge).length));
      const lines = own.map((edge, index) => {
        const corner = index === own.length - 1 ? "└─" : "├─";
        return `${dim(corner)} ${bindingOf(edge).padEnd(width)} ${dim("→")} ${targetOf(edge)}`;
      });
      const about = [relative(cwd, config) || config, ...(environment ? [environment] : [])];
      return [`${blue(name)}  ${dim(about.join(", "))}`, ...lines].join("\n");
    })
    .join("\n\n");
}

function bindingOf({ binding, kind }: GraphEdge): string {
  return binding === undefined ? `(${kind})` : `env.${binding}`;
}

function targetOf({ to, target, kind, found }: GraphEdge): string {
  if (to === undefined) return `${describe(kind, target)}  ${red("[not consumed]")}`;
  const entrypoint = kind === "service" && target !== undefined ? `#${target}` : "";
  const isBare = kind === "service" || kind === "tail" || kind === "streaming-tail";
  const what = isBare ? "" : `  ${dim(describe(kind, target))}`;
  return to + entrypoint + what + (found ? "" : `  ${red("[not found]")}`);
}

function describe(kind: GraphEdge["kind"], target: string | undefined): string {
  const name = target === undefined ? "" : ` ${target}`;
  const kinds = {
    service: "service",
    "durable-object": "Durable Object",
    workflow: "Workflow",
    queue: "queue",
    tail: "tail",
    "streaming-tail": "streaming tail",
  };
  return kinds[kind] + name;
}

/** For a block ```mermaid of a README. */
function toMermaid({ workers, edges }: WorkerGraph): string {
  const ids = new Map<string, string>();
  const idOf = (key: string): string => {
    const id = ids.get(key) ?? `w${ids.size}`;
    ids.set(key, id);
    return id;
  };
  const lines = workers.map(({ name }) => `  ${idOf(name)}["${quoted(name)}"]`);
  const missing = new Map<string, string>();
  for (const { to, target, found } of edges) {
    if (to === undefined) missing.set(`queue ${target}`, `queue ${target}: not consumed`);
    else if (!found) missing.set(to, `${to}: not found`);
  }
  for (const [key, label] of missing) {
    lines.push(`  ${idOf(key)}["${quoted(label)}"]:::missing`);
  }
  for (const { from, binding, kind, to, target } of edges) {
    const end = idOf(to ?? `queue ${target}`);
    const label = [binding ?? kind, ...(kind === "service" || binding === undefined ? [] : [kind])];
    const text = target === undefined ? label.join(", ") : `${label.join(", ")}: ${target}`;
    lines.push(`  ${idOf(from)} -->|"${quoted(text)}"| ${end}`);
  }
  if (missing.size > 0) lines.push("  classDef missing stroke:#c00,stroke-dasharray:4 4");
  return ["graph LR", ...lines].join("\n");
}

function quoted(text: string): string {
  return text.replaceAll('"', "#quot;");
}

function toJson({ workers, edges, problems }: WorkerGraph, cwd: string): object {
  const shown = (path: string): string => relative(cwd, path) || path;
  return {
    workers: workers.map(({ name, config, environment }) => ({
      name,
      config: shown(config),
      ...(environment === undefined ? {} : { environment }),
    })),
    bindings: edges.map(({ from, binding, kind, target, to, found }) => ({
      from,
      binding: binding ?? null,
      kind,
      target: target ?? null,
      to: to ?? null,
      found,
    })),
    problems: problems.map(({ config, text }) => ({ config: shown(config), text })),
  };
}
