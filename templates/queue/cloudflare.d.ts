/**
 * Enough types for this project, without a download. For all of the platform's types run
 * `drover types`, put what it writes into this folder, and delete this file.
 */
interface Queue<Body> {
  send(body: Body, options?: { readonly delaySeconds?: number }): Promise<unknown>;
  sendBatch(
    messages: Iterable<{ readonly body: Body; readonly delaySeconds?: number }>,
  ): Promise<unknown>;
}

interface MessageBatch<Body> {
  readonly queue: string;
  readonly messages: readonly Message<Body>[];
  ackAll(): void;
  retryAll(options?: { readonly delaySeconds?: number }): void;
}

interface Message<Body> {
  readonly id: string;
  readonly timestamp: Date;
  readonly body: Body;
  /** From 1. */
  readonly attempts: number;
  ack(): void;
  retry(options?: { readonly delaySeconds?: number }): void;
}
