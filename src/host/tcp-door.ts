/**
 * The raw TCP listeners of Workers (`connect[]` of a config): each connection is a `connect` event of
 * its Worker, whose thread then claims the socket (outbound/accepted.ts). Owned by host.ts; the sockets
 * that it listens on are the session's.
 */
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { WorkerEvent } from "../protocol/events.ts";
import { EventDelivery } from "./event-delivery.ts";
import { claimSocket, offerSocket } from "./outbound/accepted.ts";
import type { SessionLink } from "./session-link.ts";
import type { WorkerSlot } from "./worker-slot.ts";

export interface TcpDoorContext {
  readonly session: SessionLink;
  readonly slots: ReadonlyMap<string, WorkerSlot>;
}

export class TcpDoor {
  readonly #context: TcpDoorContext;
  readonly #servers: Set<Server> = new Set();
  readonly #sockets: Set<Socket> = new Set();

  constructor(context: TcpDoorContext) {
    this.#context = context;
  }

  /** Serves on a bound TCP handle and reports "listening" or "listen-failed". */
  listen(id: number, handle: unknown, worker: string): void {
    const { session } = this.#context;
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true });
    server.on("connection", (socket) => this.#onConnection(socket, worker));
    server.once("error", (error: NodeJS.ErrnoException) => {
      const { code = "ERR_LISTEN", message } = error;
      session.send({ type: "listen-failed", id, code, message });
    });
    server.listen(handle, () => {
      // Errors of single accepts: the next one may succeed.
      server.removeAllListeners("error").on("error", () => {});
      this.#servers.add(server);
      const { address, port } = server.address() as AddressInfo;
      session.send({ type: "listening", id, address, port });
    });
  }

  close(): void {
    for (const server of this.#servers) server.close();
  }

  /** Cuts what is still open. */
  closeAllConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #onConnection(socket: Socket, worker: string): void {
    this.#sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => this.#sockets.delete(socket));
    const slot = this.#context.slots.get(worker);
    if (slot === undefined) {
      socket.destroy();
      return;
    }
    const ticket = offerSocket(socket);
    const over = (): void => {
      // Nobody has claimed it: there was no handler, or no thread.
      claimSocket(ticket)?.destroy();
    };
    const event: WorkerEvent = {
      type: "connect",
      ticket,
      remoteAddress: `${socket.remoteAddress}:${socket.remotePort}`,
      localAddress: `${socket.localAddress}:${socket.localPort}`,
    };
    slot.dispatch(new EventDelivery(event, { onAnswer: over, onFailure: over }));
  }
}
