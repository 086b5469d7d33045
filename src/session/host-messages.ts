/** What a host process says and what becomes of it, to whoever in the session acts on it. Used by DevSession alone. */
import type { HostToSession } from "../protocol/host.ts";
import { assertNever } from "../util/errors.ts";
import type { Announcer } from "./announcer.ts";
import type { BuildTurns } from "./build-turns.ts";
import type { SessionEvent } from "./events.ts";
import type { FrontSockets } from "./front-sockets.ts";
import type { HostEvents } from "./host-process.ts";
import type { SessionQueues } from "./queues.ts";
import type { Traces } from "./traces.ts";
import { unpackRequests } from "./unpack-requests.ts";
import type { WorkerSession } from "./worker-session.ts";

export interface HostMessageTargets {
  readonly worker: (name: string) => WorkerSession | undefined;
  readonly sockets: readonly FrontSockets[];
  readonly announcer: Announcer;
  readonly queues: SessionQueues;
  readonly buildTurns: BuildTurns;
  readonly traces: Traces;
  readonly dispatch: (event: SessionEvent) => void;
}

/** For HostProcess. */
export function hostEvents(to: HostMessageTargets): HostEvents {
  const { dispatch } = to;
  return {
    onMessage: (message) => routeHostMessage(message, to),
    onDeath: (death) => dispatch({ type: "host-died", death }),
    onRestart: () => dispatch({ type: "host-restarted" }),
    onGiveUp: (error) => dispatch({ type: "fatal", error }),
    onOutput: (text) => dispatch({ type: "host-output", text }),
  };
}

function routeHostMessage(message: HostToSession, to: HostMessageTargets): void {
  switch (message.type) {
    case "batch":
      for (const inner of message.messages) routeHostMessage(inner, to);
      return;
    case "listening":
    case "listen-failed":
      for (const sockets of to.sockets) sockets.onAnswer(message);
      return;
    case "loaded":
      to.worker(message.worker)?.onLoaded(message.generation, message.entrypoints, message.asleep);
      return;
    case "woken":
      to.worker(message.worker)?.onWoken();
      return;
    case "wanted":
      to.buildTurns.hurry(message.worker);
      return;
    case "load-failed":
      to.worker(message.worker)?.onLoadFailed(message.generation, message.error);
      return;
    case "crashed":
    case "log":
    case "cron":
    case "queue-batch":
    case "queue-remark":
      to.dispatch(message);
      return;
    case "requests":
      for (const entry of unpackRequests(message)) to.dispatch({ type: "request", entry });
      return;
    case "spans":
      to.traces.onSpans(message.spans);
      if (message.passedOver > 0) {
        const { worker, passedOver: count } = message;
        to.dispatch({ type: "traces-passed-over", worker, count });
      }
      return;
    case "queue-advanced":
    case "queue-waiting":
    case "queue-listening":
    case "queue-listen-failed":
      to.queues.onMessage(message);
      return;
    case "resolve-service":
      void to.announcer.onQuestion(message);
      return;
    case "exposed":
      to.announcer.onExposed(message.worker, message.path, message.generation);
      return;
    case "expose-failed":
      to.announcer.onExposeFailed(message.worker, message.path, message.message);
      return;
    case "booted":
    case "ending":
    case "busy":
      return;
    default:
      assertNever(message);
  }
}
