/** Serving on a socket that the session has bound. Main thread of the host. */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { SessionLink } from "./session-link.ts";

/**
 * Reports "listening" or "listen-failed" under `id`; `onListening` comes before the former. From
 * then on errors of single accepts (out of file descriptors) are ignored: the next one may succeed.
 */
export function serveHandle(
  server: Server,
  handle: unknown,
  { id, session, onListening }: { id: number; session: SessionLink; onListening: () => void },
): void {
  const onFailure = ({ code = "ERR_LISTEN", message }: NodeJS.ErrnoException): void =>
    session.send({ type: "listen-failed", id, code, message });
  server.once("error", onFailure);
  server.listen(handle, () => {
    server.off("error", onFailure);
    server.on("error", () => {});
    onListening();
    const { address, port } = server.address() as AddressInfo;
    session.send({ type: "listening", id, address, port });
  });
}
