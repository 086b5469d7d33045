/**
 * An open connection to a daemon, from the session's side: frames in, frames out. Made by line.ts for
 * sessions and by commands.ts for a single question.
 */
import net from "node:net";
import {
  type ClientMessage,
  DAEMON_FRAME_LIMIT,
  type DaemonMessage,
} from "../protocol/registry.ts";
import { messageOf, UserError } from "../util/errors.ts";
import type { RegistryErrorCode } from "./errors.ts";
import { encodeFrame, FrameReader, FramingError } from "./framing.ts";
import { MessageError, parseDaemonMessage } from "./messages.ts";
import { verdictOf } from "./probe.ts";

/** An open connection to a daemon, from the session's side. */
export interface DaemonConnection {
  send(message: ClientMessage): void;
  /** Starts the flow of messages; call once, in the turn that got the connection. */
  listen(onMessage: (message: DaemonMessage) => void): void;
  /** Resolves when the connection is gone; never rejects. */
  readonly closed: Promise<void>;
  close(): void;
  /** Whether this connection alone keeps the process running. */
  setRef(ref: boolean): void;
}

/** Returns undefined if there is no daemon. Throws a UserError (REGISTRY_CONNECT). */
export async function connectDaemon(path: string): Promise<DaemonConnection | undefined> {
  const socket = await new Promise<net.Socket | undefined>((resolve, reject) => {
    const attempt = net.connect(path);
    attempt.once("connect", () => {
      attempt.removeAllListeners("error");
      resolve(attempt);
    });
    attempt.once("error", (error) => {
      const verdict = verdictOf(error);
      if (verdict === "dead" || verdict === "absent") resolve(undefined);
      else reject(connectError(path, error));
    });
  });
  return socket === undefined ? undefined : wrap(socket);
}

function wrap(socket: net.Socket): DaemonConnection {
  const reader = new FrameReader(DAEMON_FRAME_LIMIT);
  // An error is followed by "close", which is all that matters.
  socket.on("error", () => {});
  socket.on("end", () => socket.destroy());
  const closed = new Promise<void>((resolve) => {
    socket.once("close", () => resolve());
  });
  return {
    closed,
    send: (message) => {
      if (!socket.destroyed) socket.write(encodeFrame(message));
    },
    listen: (onMessage) => {
      socket.on("data", (chunk) => {
        for (const message of readMessages(reader, chunk, socket)) {
          if (!socket.destroyed) onMessage(message);
        }
      });
    },
    // What was sent is in the kernel already unless the daemon is suspended, which must not keep
    // a session from ending.
    close: () => socket.destroy(),
    setRef: (ref) => {
      if (ref) socket.ref();
      else socket.unref();
    },
  };
}

/** Whatever else than a daemon sits at the path is left alone as soon as it makes no sense. */
function* readMessages(
  reader: FrameReader,
  chunk: Buffer,
  socket: net.Socket,
): Generator<DaemonMessage> {
  try {
    for (const value of reader.push(chunk)) yield parseDaemonMessage(value);
  } catch (error) {
    if (!(error instanceof FramingError || error instanceof MessageError)) throw error;
    socket.destroy();
  }
}

function connectError(path: string, error: Error): UserError {
  return new UserError<RegistryErrorCode>(
    "REGISTRY_CONNECT",
    `The dev registry at ${path} cannot be used: ${messageOf(error)}`,
    { cause: error, hint: "Go on without other sessions' Workers with --no-registry." },
  );
}
