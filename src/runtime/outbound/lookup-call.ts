/** One question for the addresses of a host, in the thread. Made by network-port.ts. */
import type { LookupAddress, NetworkFailure, NetworkMessage } from "../../protocol/outbound.ts";
import { createDeferred, type Deferred } from "../../util/deferred.ts";
import type { CallPort, OutboundCall } from "./contract.ts";

export class LookupCall implements OutboundCall {
  readonly #id: number;
  readonly #port: CallPort;
  readonly #answer: Deferred<readonly LookupAddress[]> = createDeferred();

  constructor(id: number, port: CallPort) {
    this.#id = id;
    this.#port = port;
  }

  /** Rejects with a NetworkFailure. */
  get answer(): Promise<readonly LookupAddress[]> {
    return this.#answer.promise;
  }

  onMore(message: NetworkMessage): void {
    this.#port.leave(this.#id);
    this.#answer.resolve(message[2] as readonly LookupAddress[]);
  }

  onFailure(failure: NetworkFailure): void {
    this.#port.leave(this.#id);
    this.#answer.reject(failure);
  }

  // Of HTTP: nothing of that comes for this id.
  onResponse(): void {}
  onChunk(): void {}
  onEnd(): void {}
}
