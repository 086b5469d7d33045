/**
 * Frames of the registry protocol: 32-bit little-endian length, then that many bytes of JSON.
 * Used by both ends. Limits are checked before anything is kept.
 */

const HEADER_BYTES = 4;

/** The other side sent something that is no message: end the connection. */
export class FramingError extends Error {}
FramingError.prototype.name = "FramingError";

export function encodeFrame(message: unknown): Buffer {
  const body = JSON.stringify(message);
  const length = Buffer.byteLength(body);
  const frame = Buffer.allocUnsafe(HEADER_BYTES + length);
  frame.writeUInt32LE(length, 0);
  frame.write(body, HEADER_BYTES);
  return frame;
}

/** Cuts a byte stream into messages. Keeps at most one frame of `limit` bytes and one chunk. */
export class FrameReader {
  readonly #limit: number;
  #chunks: Buffer[] = [];
  #size = 0;
  /** Bytes that must be there before something can be done. */
  #needed = HEADER_BYTES;
  #inBody = false;

  /** `limit`: largest body in bytes. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The messages that `chunk` completes, parsed but not validated. Throws FramingError. */
  *push(chunk: Buffer): Generator<unknown> {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    while (this.#size >= this.#needed) {
      const bytes = this.#take(this.#needed);
      if (this.#inBody) {
        this.#inBody = false;
        this.#needed = HEADER_BYTES;
        yield parseBody(bytes);
      } else {
        const length = bytes.readUInt32LE(0);
        if (length === 0 || length > this.#limit) {
          throw new FramingError(`A frame of ${length} bytes, allowed are 1 to ${this.#limit}.`);
        }
        this.#inBody = true;
        this.#needed = length;
      }
    }
  }

  #take(length: number): Buffer {
    const all =
      this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
    const rest = all.subarray(length);
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#size = rest.length;
    return all.subarray(0, length);
  }
}

function parseBody(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    throw new FramingError("A frame that is not JSON.");
  }
}
