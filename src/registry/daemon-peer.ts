/** One session as the daemon sees it. Runs in the daemon's process; made by daemon.ts. */
import type { Socket } from "node:net";
import {
  CLIENT_FRAME_LIMIT,
  type ClientMessage,
  type DaemonMessage,
  type HelloMessage,
  type RegisteredWorker,
  type WorkerKey,
} from "../protocol/registry.ts";
import { encodeFrame, FrameReader } from "./framing.ts";
import { parseClientMessage } from "./messages.ts";

/** One announced Worker of a peer, whether it holds its name or waits for it. */
export interface PeerRecord {
  worker: RegisteredWorker;
  held: boolean;
  /** Claimed as already given by the previous daemon: stronger than a first claim. */
  heldBefore: boolean;
  /** An "announce" that is not answered yet: its answer will say how the name stands. */
  unanswered: number;
}

/**
 * The daemon's side of one connection: framing, the greeting, what the session announced, and what
 * it has not been told yet. Owned by RegistryDaemon; ends with its socket.
 *
 * Changes are kept as a set of keys and sent as current values, one frame per turn and only while
 * the socket takes them: a suspended session costs the daemon no more than that set.
 */
export class DaemonPeer {
  readonly #socket: Socket;
  readonly #reader = new FrameReader(CLIENT_FRAME_LIMIT);
  readonly #dirty = new Set<WorkerKey>();
  hello: HelloMessage | undefined;
  compatible = false;
  readonly records: Map<string, PeerRecord> = new Map();

  constructor(
    socket: Socket,
    handlers: {
      onMessage(message: ClientMessage): void;
      /** Called once, as soon as the other side cannot be there any more. */
      onGone(): void;
      /** The socket takes data again. */
      onDrain(): void;
    },
  ) {
    this.#socket = socket;
    let gone = false;
    const finish = (): void => {
      if (gone) return;
      gone = true;
      socket.destroy();
      handlers.onGone();
    };
    socket.on("data", (chunk) => {
      try {
        for (const value of this.#reader.push(chunk)) {
          if (gone) return;
          handlers.onMessage(parseClientMessage(value));
        }
      } catch {
        // Rubbish ends the connection it came on and nothing else.
        finish();
      }
    });
    // "end" comes a turn before "close": a peer's end is seen before whatever happened after it.
    socket.on("end", finish);
    socket.on("error", finish);
    socket.on("close", finish);
    socket.on("drain", handlers.onDrain);
  }

  send(message: DaemonMessage): void {
    this.#socket.write(encodeFrame(message));
  }

  markDirty(key: WorkerKey): void {
    this.#dirty.add(key);
  }

  /** Takes the keys that this peer must be told about; none while its socket is full. */
  takeDirty(): WorkerKey[] {
    if (this.#dirty.size === 0 || this.#socket.writableNeedDrain) return [];
    const keys = [...this.#dirty];
    this.#dirty.clear();
    return keys;
  }

  /** Sends what is queued, then closes. */
  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
