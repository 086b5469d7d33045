/**
 * Listens for Workers of other processes in the place of a Worker that sleeps. Main thread of the
 * host; owned by exposure.ts. The first word of a caller wakes the Worker; when its thread listens
 * on the same path the caller is connected through. Who says nothing is no caller: the registry
 * watches sockets for their end.
 */
import { createConnection, createServer, type Server, type Socket } from "node:net";

export interface DoormanEvents {
  onListening(): void;
  onFailed(message: string): void;
  /** Somebody wants to speak to the Worker. */
  onCaller(): void;
}

export class Doorman {
  readonly #path: string;
  readonly #server: Server;
  readonly #silent: Set<Socket> = new Set();
  readonly #callers: Set<Socket> = new Set();
  #isAside = false;
  /** Somebody else listens: callers need not wait. */
  #isOpen = false;

  constructor(path: string, events: DoormanEvents) {
    this.#path = path;
    this.#server = createServer((socket) => this.#onConnection(socket, events));
    this.#server.once("error", (error) => events.onFailed(error.message));
    this.#server.listen(path, () => events.onListening());
  }

  /** The path is free for the Worker's own thread. Who is connected stays so. */
  stepAside(): void {
    this.#isAside = true;
    this.#server.close();
  }

  /** The thread listens: callers get through, those that speak later too. */
  letIn(): void {
    this.#isOpen = this.#isAside;
    if (!this.#isOpen) return;
    for (const caller of this.#callers) this.#connect(caller);
    this.#callers.clear();
  }

  /** The Worker is gone or listens elsewhere: who is connected is told so. */
  close(): void {
    this.#server.close();
    for (const socket of [...this.#silent, ...this.#callers]) socket.destroy();
  }

  #onConnection(socket: Socket, { onCaller }: DoormanEvents): void {
    this.#silent.add(socket);
    // What breaks a connection ends it, and nothing else.
    socket.on("error", () => {});
    socket.once("close", () => {
      this.#silent.delete(socket);
      this.#callers.delete(socket);
    });
    socket.once("readable", () => {
      if (socket.readableLength === 0) return;
      this.#silent.delete(socket);
      if (this.#isOpen) {
        this.#connect(socket);
        return;
      }
      this.#callers.add(socket);
      onCaller();
    });
  }

  #connect(caller: Socket): void {
    const inside = createConnection(this.#path);
    inside.on("error", () => caller.destroy());
    inside.once("close", () => caller.destroy());
    caller.once("close", () => inside.destroy());
    caller.pipe(inside).pipe(caller);
  }
}
