/** One queue as producers reach it: an RPC target in the storage thread, on the session's broker. */
import type { QueueMetrics, RelayedMessage, SentMessage } from "../../protocol/queues.ts";
import type { Broker } from "./broker.ts";

export class Queue {
  readonly #broker: Broker;
  readonly #name: string;

  constructor(broker: Broker, name: string) {
    this.#broker = broker;
    this.#name = name;
  }

  /** `sendBatch`, and `send` as a batch of one. Answers with what waited before. */
  send(messages: readonly SentMessage[]): QueueMetrics {
    return this.#broker.send(this.#name, messages);
  }

  metrics(): QueueMetrics {
    return this.#broker.metrics(this.#name);
  }

  /** Of another session's broker (relay.ts). */
  take(messages: readonly RelayedMessage[], path: string): "taken" | "shared" {
    return this.#broker.take(this.#name, messages, path);
  }

  close(): void {}
}
