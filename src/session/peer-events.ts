/** What a session does when its registry tells of other sessions, and of its own names. Made by DevSession. */
import type { SessionToHost } from "../protocol/host.ts";
import type { Announcer } from "./announcer.ts";
import type { Connections } from "./connections.ts";
import type { SessionEvent } from "./events.ts";
import { type NameChange, nameTakenError, type PeerEvents } from "./peers.ts";
import type { SessionQueues } from "./queues.ts";

export interface PeerEventTargets {
  readonly send: (message: SessionToHost) => void;
  readonly dispatch: (event: SessionEvent) => void;
  readonly announcer: Announcer;
  readonly queues: SessionQueues;
  readonly connections: Connections;
  /** A name that another session holds ends this one. */
  readonly strict: boolean;
}

export function peerEvents(targets: PeerEventTargets): PeerEvents {
  const { send, dispatch, announcer, queues, connections, strict } = targets;
  return {
    onChange: (_services, stale) => {
      for (const service of stale) send({ type: "service-changed", service });
      queues.update();
      connections.update();
    },
    onName: (change: NameChange) => {
      if (change.type === "ours" || !strict) dispatch({ type: "name", change });
      else dispatch({ type: "fatal", error: nameTakenError(change) });
    },
    onConnected: () => {
      announcer.restore();
      queues.restoreSocket();
    },
    onTrouble: (text) => dispatch({ type: "registry-trouble", text }),
  };
}
