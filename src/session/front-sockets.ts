/**
 * The listening sockets of a session, for requests or for debuggers: bound here, listened on by the host process. Owned by
 * DevSession; a new host gets copies of the same sockets, so that their queue of waiting
 * connections survives (spikes.md S1).
 */
import type { HostToSession } from "../protocol/host.ts";
import { createDeferred, type Deferred } from "../util/deferred.ts";
import { ExitCode, UserError } from "../util/errors.ts";
import type { HostProcess } from "./host-process.ts";
import {
  type BoundPort,
  type BoundSocket,
  bindPort,
  type PortUse,
  portTakenError,
} from "./sockets.ts";

export interface FrontAddress {
  readonly ip: string;
  /** undefined: the default port or a free one near it. */
  readonly port: number | undefined;
  /** Then the one that is tried first. */
  readonly preferred?: number | undefined;
  readonly secure: boolean;
  /** A raw TCP listener of this Worker instead of the front door. */
  readonly tcp?: { readonly worker: string };
  /** What answers requests there; absent: the primary. */
  readonly worker?: string;
}

interface Listening extends Pick<FrontAddress, "tcp" | "worker"> {
  readonly id: number;
  readonly socket: BoundSocket;
  readonly secure: boolean;
}

export interface SocketsPurpose {
  /** Undefined: for requests. */
  readonly purpose?: "inspector";
  readonly use?: PortUse;
}

type ListenAnswer = Extract<HostToSession, { type: "listening" | "listen-failed" }>;

/** Counts those of all sessions of this process: answers say nothing else of what they answer. */
let ids = 0;

export class FrontSockets implements Disposable {
  readonly #host: HostProcess;
  readonly #answers = new Map<number, Deferred<ListenAnswer>>();
  readonly #bound: Set<BoundPort> = new Set();
  #listening: Listening[] = [];
  #closed = false;
  readonly #purpose: SocketsPurpose;

  constructor(host: HostProcess, purpose: SocketsPurpose = {}) {
    this.#host = host;
    this.#purpose = purpose;
  }

  /**
   * Resolves with the port once the host accepts connections on it.
   *
   * @throws UserError PORT_TAKEN or PORT_UNUSABLE (exit code 4)
   */
  async open(wanted: FrontAddress): Promise<number> {
    const { ip, port, preferred } = wanted;
    const avoid = new Set<number>();
    const { use } = this.#purpose;
    const more = use === undefined ? {} : { use };
    for (;;) {
      const bound = await bindPort({ ip, port, preferred, avoid, ...more });
      if (this.#closed) {
        bound[Symbol.dispose]();
        throw new Error("The session was closed while its port was opened.");
      }
      this.#bound.add(bound);
      const failure = await this.#listenAll(bound, wanted);
      if (failure === undefined) return bound.port;
      // Two sessions may bind a port before either listens: the kernel decides only now. The first
      // socket (IPv4) is the one that decides, or each could win one half.
      bound[Symbol.dispose]();
      this.#bound.delete(bound);
      this.#listening = this.#listening.filter(({ socket }) => !bound.sockets.includes(socket));
      if (failure.code !== "EADDRINUSE") {
        throw new UserError(
          "PORT_UNUSABLE",
          `Cannot listen on ${ip}:${bound.port}: ${failure.message}`,
          { exitCode: ExitCode.portTaken },
        );
      }
      if (port !== undefined && port !== 0) throw portTakenError(ip, port, use);
      avoid.add(bound.port);
    }
  }

  /** Hands the same sockets to a new host. */
  reopen(): void {
    for (const listening of this.#listening) this.#send(listening);
  }

  onAnswer(message: ListenAnswer): void {
    this.#answers.get(message.id)?.resolve(message);
    this.#answers.delete(message.id);
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    for (const bound of this.#bound) bound[Symbol.dispose]();
    this.#bound.clear();
  }

  async #listenAll(
    bound: BoundPort,
    { secure, tcp, worker }: FrontAddress,
  ): Promise<Extract<ListenAnswer, { type: "listen-failed" }> | undefined> {
    for (const socket of bound.sockets) {
      ids += 1;
      const listening: Listening = {
        id: ids,
        socket,
        secure,
        ...(tcp !== undefined && { tcp }),
        ...(worker !== undefined && { worker }),
      };
      const answer = createDeferred<ListenAnswer>();
      this.#answers.set(listening.id, answer);
      // Kept before the answer: if the host dies now, the next one is asked again.
      this.#listening.push(listening);
      this.#send(listening);
      const result = await answer.promise;
      if (result.type === "listen-failed") return result;
    }
    return undefined;
  }

  #send({ socket, ...listening }: Listening): void {
    const { purpose } = this.#purpose;
    const more = purpose === undefined ? {} : { purpose };
    this.#host.send({ type: "listen", ...listening, ...more }, socket.handle);
  }
}
