/** What the source of a byte stream that is made in JavaScript writes into. Made by byte-readable.ts. */
import { requestInvalidated } from "./texts.ts";

/** The stream, as far as its request needs it. */
interface Responding {
  respond(written: number): void;
  respondWithNewView(view: ArrayBufferView): void;
}

/** The standard's ReadableStreamBYOBRequest: where the source may write the next bytes. */
export class ByobRequest {
  /** Undefined once it was used. */
  stream: Responding | undefined;
  view: Uint8Array | null;
  readonly atLeast: number;

  constructor(stream: Responding, view: Uint8Array, atLeast: number) {
    this.stream = stream;
    this.view = view;
    this.atLeast = atLeast;
  }

  respond(written: number): void {
    this.#live().respond(written);
  }

  respondWithNewView(view: ArrayBufferView): void {
    this.#live().respondWithNewView(view);
  }

  #live(): Responding {
    if (this.stream === undefined || this.view === null) throw new TypeError(requestInvalidated);
    return this.stream;
  }
}
