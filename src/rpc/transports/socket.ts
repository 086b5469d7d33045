/**
 * Between processes: records of a 4-byte length and V8's serialization of one turn's frames. The
 * first bytes in each direction are a magic and the protocol version. Lengths are checked before
 * anything is allocated; bytes that make no sense close this link only, with an error.
 */
import { Deserializer, Serializer } from "node:v8";
import type { Frame, Transport } from "../contract.ts";
import { PROTOCOL_VERSION } from "../frames.ts";
import type { ByteSocket } from "./byte-socket.ts";

export interface SocketTransportOptions {
  /** Largest record that is accepted, bytes. */
  readonly maxRecordBytes?: number;
}

/** Far more than a 32 MiB message: thrown errors have no limit in production. */
const DEFAULT_MAX_RECORD = 512 * 1024 * 1024;
/** A turn's frames are cut into several records above this. */
const SPLIT_BYTES = 16 * 1024 * 1024;
const MAGIC = 0x64525043; // "dRPC"
const HELLO_BYTES = 8;

/** Takes the socket over; it must be connected and must not have been started. */
export function createSocketTransport(
  socket: ByteSocket,
  options: SocketTransportOptions = {},
): Transport {
  return new SocketTransport(socket, options.maxRecordBytes ?? DEFAULT_MAX_RECORD);
}

class SocketTransport implements Transport {
  readonly kind = "socket";
  readonly #socket: ByteSocket;
  readonly #maxRecord: number;
  #onFrames: ((frames: readonly Frame[]) => void) | undefined;
  #onClose: ((error: Error | undefined) => void) | undefined;
  #error: Error | undefined;
  #closed = false;
  #greeted = false;
  #chunks: Buffer[] = [];
  #have = 0;

  constructor(socket: ByteSocket, maxRecord: number) {
    this.#socket = socket;
    this.#maxRecord = maxRecord;
    const hello = Buffer.allocUnsafe(HELLO_BYTES);
    hello.writeUInt32BE(MAGIC, 0);
    hello.writeUInt32BE(PROTOCOL_VERSION, 4);
    socket.write([hello]);
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedBytes;
  }

  send(frames: readonly Frame[]): void {
    if (this.#closed) return;
    const serializer = new Serializer();
    serializer.writeUint32(0);
    serializer.writeHeader();
    serializer.writeValue(frames);
    const record = serializer.releaseBuffer();
    if (record.length > SPLIT_BYTES && frames.length > 1) {
      for (const frame of frames) this.send([frame]);
      return;
    }
    // Serializer.writeUint32 is a varint of one byte here; the length goes in front of the rest.
    const length = Buffer.allocUnsafe(4);
    length.writeUInt32BE(record.length - 1, 0);
    this.#socket.write([length, record.subarray(1)]);
  }

  receive(
    onFrames: (frames: readonly Frame[]) => void,
    onClose: (error: Error | undefined) => void,
  ): void {
    this.#onFrames = onFrames;
    this.#onClose = onClose;
    this.#socket.start({
      data: ({ buffer, byteOffset, byteLength }) =>
        this.#onData(Buffer.from(buffer, byteOffset, byteLength)),
      end: () => this.#onEnd(),
      close: (lost) => {
        this.#error ??= lost;
        this.#finish();
      },
    });
  }

  close(error?: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#error ??= error;
    // An orderly close lets queued records out; after rubbish there is nothing to wait for.
    if (error === undefined) this.#socket.end();
    else this.#socket.destroy();
  }

  #onData(chunk: Buffer): void {
    if (this.#closed) return;
    this.#chunks.push(chunk);
    this.#have += chunk.length;
    try {
      while (!this.#closed && this.#readRecord());
    } catch (error) {
      const cause = error instanceof Error ? error : new Error(String(error));
      this.close(new Error(`Malformed RPC record: ${cause.message}`, { cause }));
    }
  }

  /** True if there may be more. */
  #readRecord(): boolean {
    if (!this.#greeted) return this.#readHello();
    if (this.#have < 4) return false;
    const length = this.#peek(4).readUInt32BE(0);
    if (length === 0 || length > this.#maxRecord) {
      throw new RangeError(`length ${length} is not within 1 and ${this.#maxRecord}`);
    }
    if (this.#have < 4 + length) return false;
    const record = this.#take(4 + length).subarray(4);
    const deserializer = new Deserializer(record);
    deserializer.readHeader();
    const frames: unknown = deserializer.readValue();
    if (!isFrames(frames)) throw new TypeError("not a list of frames");
    this.#onFrames?.(frames);
    return true;
  }

  #readHello(): boolean {
    if (this.#have < HELLO_BYTES) return false;
    const hello = this.#take(HELLO_BYTES);
    if (hello.readUInt32BE(0) !== MAGIC)
      throw new TypeError("the peer does not speak this protocol");
    const version = hello.readUInt32BE(4);
    if (version !== PROTOCOL_VERSION) {
      throw new RangeError(`the peer speaks version ${version}, this is ${PROTOCOL_VERSION}`);
    }
    this.#greeted = true;
    return true;
  }

  /** The first `count` bytes in one piece, left where they are. */
  #peek(count: number): Buffer {
    const first = this.#chunks[0] as Buffer;
    if (first.length >= count) return first;
    const joined = Buffer.concat(this.#chunks);
    this.#chunks = [joined];
    return joined;
  }

  #take(count: number): Buffer {
    const bytes = this.#peek(count);
    const rest = bytes.subarray(count);
    if (rest.length > 0) this.#chunks[0] = rest;
    else this.#chunks.shift();
    this.#have -= count;
    return bytes.subarray(0, count);
  }

  /** The peer said that it is done; in the middle of a record that is an error. */
  #onEnd(): void {
    if (this.#have > 0) this.#error ??= new Error("Malformed RPC record: cut off");
    this.close(this.#error);
  }

  #finish(): void {
    this.#closed = true;
    const onClose = this.#onClose;
    this.#onClose = undefined;
    onClose?.(this.#error);
  }
}

function isFrames(value: unknown): value is Frame[] {
  return (
    Array.isArray(value) &&
    value.every((frame) => Array.isArray(frame) && typeof frame[0] === "number")
  );
}
