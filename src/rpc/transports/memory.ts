/**
 * Two ends in one thread: self bindings and tests. Frames are handed over as they are: the codec
 * copies everything for this transport, so nothing is shared (docs/protocol.md, "Transports").
 */
import type { Frame, Transport } from "../contract.ts";
import { outside } from "../outside.ts";

export function createMemoryTransportPair(): [Transport, Transport] {
  const a = new MemoryTransport();
  const b = new MemoryTransport();
  a.connect(b);
  b.connect(a);
  return [a, b];
}

class MemoryTransport implements Transport {
  readonly kind = "memory";
  readonly bufferedBytes = 0;
  #peer: MemoryTransport | undefined;
  #onFrames: ((frames: readonly Frame[]) => void) | undefined;
  #onClose: ((error: Error | undefined) => void) | undefined;
  #early: (readonly Frame[])[] = [];
  #closed = false;

  connect(peer: MemoryTransport): void {
    this.#peer = peer;
  }

  /** Called by the engine once per turn, from a tick of its own: delivery can be synchronous. */
  send(frames: readonly Frame[]): void {
    if (!this.#closed) this.#peer?.deliver(frames);
  }

  deliver(frames: readonly Frame[]): void {
    if (this.#closed) return;
    if (this.#onFrames === undefined) this.#early.push(frames);
    else outside(this.#onFrames, frames);
  }

  receive(
    onFrames: (frames: readonly Frame[]) => void,
    onClose: (error: Error | undefined) => void,
  ): void {
    this.#onFrames = onFrames;
    this.#onClose = onClose;
    const early = this.#early;
    this.#early = [];
    for (const frames of early) onFrames(frames);
  }

  close(error?: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    const peer = this.#peer;
    process.nextTick(() => {
      this.#onClose?.(error);
      peer?.close(error);
    });
  }
}
