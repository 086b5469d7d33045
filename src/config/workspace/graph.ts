/**
 * The Workers of some configs and what they bind of each other: what `drover graph` draws, and what
 * `drover dev <worker>` starts. Pure but for reading the configs.
 */
import { messageOf } from "../../util/errors.ts";
import { type EnvironmentView, viewConfig } from "../config-view.ts";
import { isTable } from "../document.ts";
import { displayPath } from "../source-frame.ts";

export interface GraphWorker {
  readonly name: string;
  /** Absolute path of its config. */
  readonly config: string;
  readonly environment: string | undefined;
}

/** "queue": to the Worker that consumes it. Tails: to the one that hears of its events. */
const TAILS = [
  ["tail_consumers", "tail"],
  ["streaming_tail_consumers", "streaming-tail"],
] as const;

export type EdgeKind =
  | "service"
  | "durable-object"
  | "workflow"
  | "queue"
  | "tail"
  | "streaming-tail";

export interface GraphEdge {
  readonly from: string;
  /** Name in `env`; undefined for tail consumers. */
  readonly binding: string | undefined;
  readonly kind: EdgeKind;
  /** The entrypoint, class or queue that is meant; undefined: the default export. */
  readonly target: string | undefined;
  /** Name of the Worker; undefined for a queue that nobody consumes. */
  readonly to: string | undefined;
  /** Whether a config of the graph has a Worker of that name. */
  readonly found: boolean;
}

export interface WorkerGraph {
  /** In the order of the configs. */
  readonly workers: readonly GraphWorker[];
  readonly edges: readonly GraphEdge[];
  /** Configs that cannot be read, and Workers of the same name; a text for people, with the place. */
  readonly problems: readonly { readonly config: string; readonly text: string }[];
}

export interface GraphOptions {
  readonly cwd: string;
  /** Configs that have it are taken in this environment, the others as they are. */
  readonly environment: string | undefined;
}

/** `configs`: absolute paths. */
export function readGraph(configs: readonly string[], options: GraphOptions): WorkerGraph {
  const views = new Map<string, { readonly config: string; readonly view: EnvironmentView }>();
  const problems: { config: string; text: string }[] = [];
  for (const config of configs) {
    try {
      const view = viewOf(config, options);
      const name = view.name ?? "";
      const other = views.get(name);
      const shown = displayPath(config, options.cwd);
      if (name === "")
        problems.push({ config, text: `${shown}: it has no "name", so that nothing can bind it.` });
      else if (other === undefined) views.set(name, { config, view });
      else
        problems.push({ config, text: `${shown}: another config has the name "${name}" as well.` });
    } catch (error) {
      problems.push({ config, text: messageOf(error) });
    }
  }
  const consumers = consumersOf([...views.values()].map(({ view }) => view));
  const edges = [...views.values()].flatMap(({ view }) =>
    edgesOf(view, consumers).map((edge) => ({
      ...edge,
      found: edge.to !== undefined && views.has(edge.to),
    })),
  );
  const workers = [...views].map(([name, { config, view }]) => ({
    name,
    config,
    environment: view.environment,
  }));
  return { workers, edges, problems };
}

/** `name` and everything that its bindings reach, it first; undefined if there is no such Worker. */
export function reachOf({ workers, edges }: WorkerGraph, name: string): GraphWorker[] | undefined {
  const first = workers.find((worker) => worker.name === name);
  if (first === undefined) return undefined;
  const reached = new Set([first]);
  for (const worker of reached) {
    for (const edge of edges) {
      if (edge.from !== worker.name) continue;
      const next = workers.find((candidate) => candidate.name === edge.to);
      if (next !== undefined) reached.add(next);
    }
  }
  return [...reached];
}

function viewOf(config: string, { cwd, environment }: GraphOptions): EnvironmentView {
  const read = (wanted: string | undefined) =>
    viewConfig(config, { cwd, environment: wanted, envFiles: [] });
  const top = read(undefined);
  if (environment === undefined || !top.environments.includes(environment)) {
    return top.select(undefined);
  }
  return read(environment).select(environment);
}

/** Queue -> the Worker that consumes it. */
function consumersOf(views: readonly EnvironmentView[]): ReadonlyMap<string, string> {
  const consumers = new Map<string, string>();
  for (const { name, raw } of views) {
    const { consumers: list } = isTable(raw.queues) ? raw.queues : {};
    for (const item of Array.isArray(list) ? list : []) {
      if (isTable(item) && typeof item.queue === "string" && name !== undefined) {
        consumers.set(item.queue, name);
      }
    }
  }
  return consumers;
}

type Edge = Omit<GraphEdge, "found">;

function edgesOf(view: EnvironmentView, consumers: ReadonlyMap<string, string>): Edge[] {
  const { name: from = "", bindings, raw } = view;
  const edges = bindings.flatMap(({ kind, name: binding, item }): Edge[] => {
    if (!isTable(item)) return [];
    const text = (field: string): string | undefined =>
      typeof item[field] === "string" ? item[field] : undefined;
    const script = text("script_name");
    switch (kind.key) {
      case "services":
        return [
          { from, binding, kind: "service", target: text("entrypoint"), to: text("service") },
        ];
      case "durable_objects.bindings":
      case "workflows": {
        if (script === undefined || script === from) return [];
        const of = kind.key === "workflows" ? "workflow" : "durable-object";
        return [{ from, binding, kind: of, target: text("class_name"), to: script }];
      }
      case "queues.producers": {
        const queue = text("queue");
        return [{ from, binding, kind: "queue", target: queue, to: consumers.get(queue ?? "") }];
      }
      default:
        return [];
    }
  });
  for (const [key, kind] of TAILS) {
    const tails: unknown = raw[key];
    for (const item of Array.isArray(tails) ? tails : []) {
      if (!isTable(item) || typeof item.service !== "string") continue;
      edges.push({ from, binding: undefined, kind, target: undefined, to: item.service });
    }
  }
  return edges;
}
