/**
 * The body of one incoming request, chunk by chunk from the front door (protocol/http.ts). Becomes
 * a stream only when user code reads; what is never read is declined. Owned by its HttpExchange.
 */
import type { LazyStream } from "../../web/http/body-source.ts";

/** What goes back to the front door. */
export interface BodyInPort {
  /** The consumer took that many bytes. */
  credit(bytes: number): void;
  /** No more is wanted. */
  decline(): void;
  /** Somebody waits for bytes, until the returned function is called. */
  hold(): () => void;
}

export class IncomingBody implements LazyStream {
  readonly length: number;
  readonly #port: BodyInPort;
  #chunks: Uint8Array[] = [];
  #controller: ReadableByteStreamController | null = null;
  /** A pull that found no chunk. */
  #isHungry = false;
  #state: "open" | "complete" | "over" = "open";
  #error: unknown = undefined;
  #wake: (() => void) | null = null;

  constructor(length: number, port: BodyInPort) {
    this.length = length;
    this.#port = port;
  }

  push(chunk: Uint8Array): void {
    if (this.#state !== "open") return;
    this.#chunks.push(chunk);
    if (this.#isHungry) this.#deliver();
  }

  complete(): void {
    if (this.#state !== "open") return;
    this.#state = "complete";
    if (this.#isHungry) this.#deliver();
  }

  /** The client is gone. */
  fail(error: unknown): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.#error = error;
    this.#chunks = [];
    this.#controller?.error(error);
    this.#settlePull();
  }

  /** The request is answered: whoever still reads gets an end with an error. */
  abandon(error: unknown): void {
    if (this.#state === "open") this.#port.decline();
    this.fail(error);
  }

  cancel(): void {
    if (this.#state === "open") this.#port.decline();
    this.#state = "over";
    this.#chunks = [];
    this.#settlePull();
  }

  open(): ReadableStream<Uint8Array> {
    return new ReadableStream(
      {
        type: "bytes",
        start: (controller) => {
          this.#controller = controller as ReadableByteStreamController;
          if (this.#error !== undefined) controller.error(this.#error);
        },
        pull: () => this.#pull(),
        cancel: () => this.cancel(),
      },
      { highWaterMark: 0 },
    ) as ReadableStream<Uint8Array>;
  }

  #pull(): Promise<void> | undefined {
    if (this.#state === "over") return undefined;
    this.#isHungry = true;
    this.#deliver();
    if (!this.#isHungry) return undefined;
    const release = this.#port.hold();
    return new Promise((resolve) => {
      this.#wake = () => {
        resolve();
        release();
      };
    });
  }

  #deliver(): void {
    const controller = this.#controller;
    if (controller === null) return;
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      const bytes = chunk.byteLength;
      this.#isHungry = false;
      controller.enqueue(chunk);
      if (this.#state === "open") this.#port.credit(bytes);
      this.#settlePull();
    } else if (this.#state === "complete") {
      this.#state = "over";
      this.#isHungry = false;
      controller.close();
      // A pending BYOB read only ends when it is answered.
      controller.byobRequest?.respond(0);
      this.#settlePull();
    }
  }

  #settlePull(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}
