/** Between two threads: one postMessage per turn; structured clone copies what is not handed over. */
import type { MessagePort } from "node:worker_threads";
import { hidden } from "../../util/hidden.ts";
import type { Frame, Transport } from "../contract.ts";

/** Takes the port over: starts it, and closes it on `close`. */
export function createPortTransport(port: MessagePort): Transport {
  return new PortTransport(port);
}

class PortTransport implements Transport {
  readonly kind = "message-port";
  readonly bufferedBytes = 0;
  readonly #port: MessagePort;
  #onClose: ((error: Error | undefined) => void) | undefined;
  #closed = false;
  #error: Error | undefined;

  constructor(port: MessagePort) {
    this.#port = port;
  }

  send(frames: readonly Frame[], moves: readonly ArrayBuffer[] = []): void {
    if (this.#closed) return;
    if (moves.length === 0) this.#port.postMessage(frames);
    else this.#port.postMessage(frames, moves);
  }

  receive(
    onFrames: (frames: readonly Frame[]) => void,
    onClose: (error: Error | undefined) => void,
  ): void {
    this.#onClose = onClose;
    this.#port.on(
      "message",
      hidden((frames: readonly Frame[]) => onFrames(frames)),
    );
    this.#port.on(
      "messageerror",
      hidden((error: Error) => this.close(error)),
    );
    this.#port.on(
      "close",
      hidden(() => this.#finish()),
    );
  }

  close(error?: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#error = error;
    this.#port.close();
  }

  #finish(): void {
    this.#closed = true;
    const onClose = this.#onClose;
    this.#onClose = undefined;
    onClose?.(this.#error);
  }
}
