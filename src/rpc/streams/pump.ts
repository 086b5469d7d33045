/**
 * The two kinds of ends of a byte pipe (docs/protocol.md, "Streams"). A source cuts bytes into
 * chunks of at most 64 KB and sends them while it has credit; a drain hands them on and returns
 * credit as they are taken. 256 KB of credit keep a pipe full (spikes S8).
 */

import { MOVED_BYTES } from "../../protocol/moved-bytes.ts";
import type { StreamSession } from "../contracts/streams.ts";
import { Op } from "../frames.ts";

const CHUNK_BYTES: number = 64 * 1024;
const WINDOW_BYTES: number = 256 * 1024;
/**
 * What a chunk counts for: at least 8 KB, so that tiny chunks cannot pile up, and so that a writer
 * of tiny chunks learns of a failed sink soon.
 */
const MIN_COST = 8 * 1024;

function costOf(bytes: number): number {
  return Math.max(bytes, MIN_COST);
}

/** Credit is returned in pieces of a quarter window. */
const CREDIT_STEP: number = WINDOW_BYTES / 4;

/** Sends bytes with credit. Not an end itself: the ends below own one. */
export class ByteSender {
  readonly #session: StreamSession;
  readonly #id: number;
  #credit = WINDOW_BYTES;
  #wake: (() => void) | undefined;
  #stopped = false;

  constructor(session: StreamSession, id: number) {
    this.#session = session;
    this.#id = id;
  }

  onCredit(bytes: number): void {
    this.#credit += bytes;
    this.#resume();
  }

  /** The other end is gone: waiting sends end. */
  stop(): void {
    this.#stopped = true;
    this.#resume();
  }

  #resume(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  /**
   * Copies `bytes` out in chunks. Undefined: all of it has gone; else settles when it has, or once
   * stopped.
   */
  send(bytes: Uint8Array): Promise<void> | undefined {
    // No frame is empty: the other end takes one for rubbish.
    if (bytes.length === 0) return undefined;
    if (bytes.length <= CHUNK_BYTES && this.#credit > 0 && !this.#stopped) {
      this.#post(bytes.slice());
      return undefined;
    }
    return this.#sendSlowly(bytes);
  }

  async #sendSlowly(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      while (this.#credit <= 0 && !this.#stopped) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      if (this.#stopped) return;
      const chunk = bytes.slice(at, at + CHUNK_BYTES);
      at += chunk.length;
      this.#post(chunk);
    }
  }

  /** `chunk` is a copy, and nobody else's. */
  #post(chunk: Uint8Array): void {
    this.#credit -= costOf(chunk.length);
    const moves = chunk.length < MOVED_BYTES ? undefined : [chunk.buffer as ArrayBuffer];
    this.#session.post([Op.data, 0, this.#id, chunk], { moves });
  }
}

/** The bytes of a `data` frame; anything else is rubbish, which closes the link. */
export function dataOf(frame: readonly unknown[]): Uint8Array {
  const bytes = frame[3];
  if (bytes instanceof Uint8Array && bytes.length > 0) return bytes;
  throw new TypeError("RPC data frame without bytes");
}

/** Returns credit for what was taken. */
export class CreditGiver {
  readonly #session: StreamSession;
  readonly #id: number;
  #owed = 0;

  constructor(session: StreamSession, id: number) {
    this.#session = session;
    this.#id = id;
  }

  /** One chunk of so many bytes was taken. */
  taken(bytes: number): void {
    this.#owed += costOf(bytes);
    if (this.#owed < CREDIT_STEP || this.#session.closed !== undefined) return;
    this.#session.post([Op.credit, 0, this.#id, this.#owed]);
    this.#owed = 0;
  }
}
