/** What a session is to its WorkerSessions. Made by DevSession. */
import type { BuildTurns } from "./build-turns.ts";
import type { createBundler } from "./builder.ts";
import type { SessionEvent } from "./events.ts";
import type { HostProcess } from "./host-process.ts";
import { readConfigAgain } from "./session-configs.ts";
import type { DevSessionOptions } from "./session-options.ts";
import type { WorkerBus, WorkerSession } from "./worker-session.ts";
import { workerSpecOf } from "./worker-spec.ts";

export interface WorkerBusParts {
  readonly options: DevSessionOptions;
  /** Of the session, on the clock of `performance.now`. */
  readonly startedAt: number;
  readonly host: HostProcess;
  readonly buildTurns: BuildTurns;
  /** All of the session, the primary first. */
  readonly workers: () => readonly WorkerSession[];
  readonly stateRoot: () => string;
  readonly createBundler: typeof createBundler;
  readonly dispatch: (event: SessionEvent) => void;
}

export function workerBus(parts: WorkerBusParts): WorkerBus {
  const { options, startedAt, host, buildTurns, workers, stateRoot, dispatch } = parts;
  return {
    dispatch,
    send: (message) => host.send(message),
    createBundler: (config) => parts.createBundler(config, dispatch),
    colors: options.colors,
    resolveConfig: async (worker) => {
      const inForce = workers().map(({ config }) => config);
      return readConfigAgain(options, workers().indexOf(worker), inForce);
    },
    specOf: (config) => workerSpecOf(config, options, stateRoot()),
    buildTurn: (worker, isUrgent) => {
      // The thread boots while the Worker is built, should a save come so soon after the last that there is none yet.
      if (isUrgent) host.send({ type: "load-expected" });
      // A command of the user's own may wait for anything: it holds up nobody's turn.
      return worker.config.build === undefined
        ? buildTurns.take(worker.name, isUrgent || worker === workers()[0])
        : () => {};
    },
    isComputing: (name) => host.isComputing(name),
    now: () => performance.now(),
    startedAt,
  };
}
