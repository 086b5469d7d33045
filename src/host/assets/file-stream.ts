/**
 * A large asset on its way to the client, from the disk in pieces, no faster than the client takes
 * them. Stands where a thread's port stands for other exchanges. Main thread of the host.
 */
import { createReadStream, type ReadStream } from "node:fs";
import { STREAM_CHUNK, STREAM_WINDOW, ToWorker } from "../../protocol/http.ts";
import type { Exchange } from "../exchange.ts";
import type { ThreadPort } from "../thread-port.ts";
import type { AssetFile } from "./asset-files.ts";

export class FileStream implements ThreadPort {
  readonly webSocketEnd = undefined;
  readonly #file: AssetFile;
  #stream: ReadStream | undefined;
  /** Bytes that the client has not taken yet. */
  #unpaid = 0;

  constructor(file: AssetFile) {
    this.#file = file;
  }

  /** After the exchange's head is out; nothing if it ended there. */
  start(exchange: Exchange): void {
    if (exchange.isDone) return;
    // As many bytes as were announced, whatever is being appended to the file.
    const end = this.#file.size - 1;
    const stream = createReadStream(this.#file.path, { end, highWaterMark: STREAM_CHUNK });
    this.#stream = stream;
    stream.on("data", (chunk) => {
      const bytes = chunk as Buffer;
      this.#unpaid += bytes.byteLength;
      if (this.#unpaid >= STREAM_WINDOW) stream.pause();
      exchange.onBodyChunk(bytes);
    });
    stream.on("end", () => exchange.onBodyEnd());
    stream.on("error", () => exchange.onBodyError());
  }

  /** From the exchange: credit, or the end of it. */
  send([op, , bytes]: unknown[]): void {
    if (op === ToWorker.abort) this.#stream?.destroy();
    if (op !== ToWorker.responseCredit) return;
    this.#unpaid -= bytes as number;
    if (this.#unpaid < STREAM_WINDOW) this.#stream?.resume();
  }

  /** It is given no body of a request. */
  sendBytes(): void {}

  leave(): void {
    this.#stream?.destroy();
  }

  /** Nor this. */
  sealLater(): void {}
}
