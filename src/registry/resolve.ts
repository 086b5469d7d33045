/**
 * Which Worker a service name means. Pure; asked by client.ts with its own copy of the registry.
 */
import type { ForeignWorker, RegisteredWorker, WorkspaceInfo } from "../protocol/registry.ts";
import { workerNotFound } from "../util/worker-not-found.ts";
import { areSiblingCheckouts } from "./workspace.ts";

/** What a service name means at this moment, seen from one workspace. */
export type Resolution =
  /** Serving: `worker.address` is the socket to connect to. */
  | { readonly type: "found"; readonly worker: ReadyWorker }
  /** There, but not serving: wait for a change, or fail with `message`. */
  | {
      readonly type: "starting";
      readonly worker: RegisteredWorker;
      readonly message: string;
      readonly detail: string;
    }
  /** `detail`: which Workers are there, and how to start this one; for the log. */
  | { readonly type: "missing"; readonly message: string; readonly detail: string }
  | {
      readonly type: "ambiguous";
      readonly candidates: readonly RegisteredWorker[];
      readonly message: string;
      readonly detail: string;
    }
  | {
      readonly type: "incompatible";
      readonly worker: ForeignWorker;
      readonly message: string;
      readonly detail: string;
    };

export type ReadyWorker = RegisteredWorker & { readonly address: string; readonly ready: true };

export interface ResolveQuestion {
  readonly service: string;
  readonly from: WorkspaceInfo;
  readonly workers: readonly RegisteredWorker[];
  /** Id of the asking session: its own Workers are listed, never resolved to. */
  readonly self: string;
  /** Workers on the other side of a version mismatch. */
  readonly foreign: readonly ForeignWorker[];
  /** Our own version, to be named beside the other one. */
  readonly version: string;
  /** Command that would start the service, if anybody knows. */
  readonly command: string | undefined;
}

/**
 * Own workspace first, then the only other live Worker of that name; never another checkout of the
 * same repository. Texts are the production tool's where it has one (spec/wrangler.md 3.4).
 */
export function resolveService(question: ResolveQuestion): Resolution {
  const { service, from, workers, self } = question;
  const named = workers.filter(({ name, session }) => name === service && session.id !== self);
  const near = named.filter((worker) => worker.workspace.root === from.root);
  const elsewhere = named.filter(
    (worker) => worker.workspace.root !== from.root && !areSiblingCheckouts(worker.workspace, from),
  );
  // Of one workspace a compatible holder comes first; the others speak another protocol.
  const own = near.find((worker) => worker.compatible) ?? near[0];
  if (own !== undefined) return describe(own, question);

  const candidates = elsewhere.filter((worker) => worker.compatible);
  const [only] = candidates;
  if (candidates.length > 1) return ambiguous(service, candidates);
  if (only !== undefined) return describe(only, question);

  const [stranger] = elsewhere;
  if (stranger !== undefined) return describe(stranger, question);
  const foreign = question.foreign.find((worker) => worker.name === service);
  if (foreign !== undefined) return incompatible(foreign, question);
  return missing(question, named);
}

function describe(worker: RegisteredWorker, question: ResolveQuestion): Resolution {
  const { pid, cwd, version } = worker.session;
  if (!worker.compatible) {
    return incompatible({ name: worker.name, pid, folder: cwd, version }, question);
  }
  if (isReady(worker)) return { type: "found", worker };
  const state = worker.failure === undefined ? "is starting" : "failed to start";
  return {
    type: "starting",
    worker,
    message: workerNotFound(worker.name),
    detail: `"${worker.name}" ${state} in ${cwd} (process ${pid}).`,
  };
}

function isReady(worker: RegisteredWorker): worker is ReadyWorker {
  return worker.ready && worker.address !== null;
}

function ambiguous(service: string, candidates: readonly RegisteredWorker[]): Resolution {
  return {
    type: "ambiguous",
    candidates,
    message: `Worker "${service}" is running in ${candidates.length} other workspaces and none of them is this one. Make sure only one is running, or run it in this workspace.`,
    detail: candidates
      .map(({ workspace, session }) => `"${service}" in ${workspace.root} (process ${session.pid})`)
      .join("\n"),
  };
}

function incompatible(worker: ForeignWorker, question: ResolveQuestion): Resolution {
  const { name, pid, folder, version } = worker;
  return {
    type: "incompatible",
    worker,
    message: `Worker "${name}" is not compatible with this version of the dev server. Please update all Worker instances to the same version.`,
    detail: `"${name}" runs in ${folder} (process ${pid}) with drover ${version}; this is drover ${question.version}.`,
  };
}

/** `excluded`: Workers of that name that may not be used. */
function missing(question: ResolveQuestion, excluded: readonly RegisteredWorker[]): Resolution {
  const { service, from, workers, self, command } = question;
  const lines = excluded.map(
    ({ workspace, session }) =>
      `"${service}" runs in ${workspace.root} (process ${session.pid}), another checkout of the same repository; checkouts never call each other.`,
  );
  const here = new Set<string>();
  const there = new Set<string>();
  for (const { name, workspace, session } of workers) {
    // Folders without repository or lockfile are workspaces of their own; siblings are here anyway.
    if (workspace.root === from.root || session.id === self) here.add(name);
    else there.add(`${name} (${workspace.root})`);
  }
  lines.push(
    here.size === 0
      ? "No Worker of this workspace is running."
      : `Running in this workspace: ${[...here].sort().join(", ")}.`,
  );
  if (there.size > 0) lines.push(`Running elsewhere: ${[...there].sort().join(", ")}.`);
  if (command !== undefined) lines.push(`Start it with: ${command}`);
  return { type: "missing", message: workerNotFound(service), detail: lines.join("\n") };
}
