/**
 * Questions to a socket path that only an open connection can answer. Nothing is ever sent.
 */
import net from "node:net";
import { hasCode } from "../util/errors.ts";

/** "dead": a file without a listener. "absent": not even a file. Rejects with other errors. */
export type Liveness = "alive" | "dead" | "absent";

export function probe(path: string): Promise<Liveness> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve("alive");
    });
    socket.once("error", (error) => {
      const verdict = verdictOf(error);
      if (verdict === undefined) reject(error);
      else resolve(verdict);
    });
  });
}

/** What a failed connection says about the listener; undefined: nothing. */
export function verdictOf(error: unknown): Liveness | undefined {
  if (hasCode(error, "ENOENT")) return "absent";
  // ENOTSOCK: macOS, for a file that is no socket.
  if (hasCode(error, "ECONNREFUSED") || hasCode(error, "ENOTSOCK")) return "dead";
  // The listener's backlog is full: busy or suspended, but there.
  if (hasCode(error, "EAGAIN")) return "alive";
  return undefined;
}

/**
 * Calls `onGone` once when nobody listens at `path` any more, at once or later: the connection stays
 * open for as long as the listener lives. `wasThere`: there was one. Returns a function that stops watching.
 */
export function watchListener(path: string, onGone: (wasThere: boolean) => void): () => void {
  const socket = net.connect(path);
  let done = false;
  let wasThere = false;
  socket.once("connect", () => {
    wasThere = true;
  });
  const finish = (): void => {
    if (done) return;
    done = true;
    socket.destroy();
    onGone(wasThere);
  };
  socket.once("error", finish);
  socket.once("end", finish);
  socket.once("close", finish);
  socket.resume();
  socket.unref();
  return () => {
    done = true;
    socket.destroy();
  };
}
