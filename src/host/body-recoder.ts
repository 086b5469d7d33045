/** A body of a Worker on its way to the client in another coding. One per such answer; exchange.ts owns it. */
import type { ServerResponse } from "node:http";
import { pipeline } from "node:stream";
import { createCoders, type Recoding } from "./answer-coding.ts";

export interface RecoderEvents {
  /** More may be written. */
  readonly onDrain: () => void;
  /** What the Worker sent is not in the coding that it says. */
  readonly onError: () => void;
}

export class BodyRecoder {
  readonly #first: NodeJS.ReadWriteStream;

  /** Ends `response` with the end of the body. */
  constructor(recoding: Recoding, response: ServerResponse, { onDrain, onError }: RecoderEvents) {
    const coders = createCoders(recoding);
    this.#first = coders[0] as NodeJS.ReadWriteStream;
    this.#first.on("drain", onDrain);
    // Ends all of them where the client goes away.
    pipeline([...coders, response], (error) => {
      if (error) onError();
    });
  }

  /** False: wait for onDrain. */
  write(bytes: Uint8Array): boolean {
    return this.#first.write(bytes);
  }

  end(): void {
    this.#first.end();
  }
}
