/**
 * The way between the brokers of two sessions: RPC sessions over unix sockets, to the queue as a
 * producer reaches it. Storage thread; one per broker. Whoever may connect to the socket (its folder is
 * the user's own) may put messages into queues, and reach nothing else.
 */
import type { RelayedMessage } from "../../protocol/queues.ts";
import { resourceTarget } from "../../protocol/storage.ts";
import { RpcContext } from "../../rpc/context.ts";
import type { Link, ServiceChannel } from "../../rpc/contract.ts";
import type { RpcEngine } from "../../rpc/engine.ts";
import { listenPipe, type PipeServer } from "../../rpc/transports/pipe.ts";
import { connectTransport, createSocketTransport } from "../../rpc/transports/socket.ts";
import { messageOf } from "../../util/errors.ts";
import { calls } from "../streams.ts";

export interface Handing {
  readonly queue: string;
  readonly messages: readonly RelayedMessage[];
  /** Of the sender's file. */
  readonly path: string;
}

export class Relay {
  readonly #engine: RpcEngine;
  readonly #links: Map<string, Promise<Link>> = new Map();
  #server: PipeServer | undefined;

  constructor(engine: RpcEngine) {
    this.#engine = engine;
  }

  /** `done` gets the reason if it cannot listen there. */
  listen(path: string, done: (problem: string | undefined) => void): void {
    try {
      const server = listenPipe(path, (socket) =>
        this.#engine.openLink(createSocketTransport(socket), "another session"),
      );
      this.#server?.close();
      this.#server = server;
    } catch (error) {
      done(messageOf(error));
      return;
    }
    done(undefined);
  }

  /** Rejects if the other broker cannot be reached, or fails. */
  async hand(path: string, { queue, messages, path: file }: Handing): Promise<"taken" | "shared"> {
    const channel: ServiceChannel = {
      token: resourceTarget("queue", queue),
      connect: () => this.#connect(path),
      isResource: true,
    };
    const context = new RpcContext({ trace: { requestId: "queue", depth: 0 }, kind: "request" });
    const call = async (): Promise<unknown> =>
      await this.#engine.call(channel, ["take"], [messages, file]);
    try {
      return (await calls.run(context, call)) === "shared" ? "shared" : "taken";
    } finally {
      context.end();
    }
  }

  close(): void {
    this.#server?.close();
  }

  #connect(path: string): Promise<Link> {
    let link = this.#links.get(path);
    if (link === undefined) {
      link = this.#open(path);
      this.#links.set(path, link);
      const forget = (): boolean => this.#links.delete(path);
      link.then(({ closed }) => closed.then(forget), forget);
    }
    return link;
  }

  #open(path: string): Promise<Link> {
    return new Promise((resolve, reject) => {
      connectTransport(path, (outcome) => {
        if (outcome instanceof Error) reject(outcome);
        else resolve(this.#engine.openLink(outcome, "another session"));
      });
    });
  }
}
