/**
 * Between processes: records of a 4-byte length and V8's serialization of one turn's frames. The
 * first bytes in each direction are a magic and the protocol version. Lengths are checked before
 * anything is allocated; bytes that make no sense close this link only, with an error.
 */
import { nodeV8 } from "../../util/late-modules.ts";
import type { Frame, Transport } from "../contract.ts";
import { PROTOCOL_VERSION } from "../frames.ts";
import type { ByteSocket } from "./byte-socket.ts";

export interface SocketTransportOptions {
  /** Largest record that is accepted, bytes. */
  readonly maxRecordBytes?: number;
}

const { Deserializer, Serializer } = nodeV8();

/** Far more than a 32 MiB message: thrown errors have no limit in production. */
const DEFAULT_MAX_RECORD = 512 * 1024 * 1024;
/** A turn's frames are cut into several records above this. */
const SPLIT_BYTES = 16 * 1024 * 1024;
const MAGIC = 0x64525043; // "dRPC"
const HELLO_BYTES = 8;
const LENGTH_BYTES = 4;
/** Where the length of a record will be. */
const noLength = Buffer.alloc(LENGTH_BYTES);

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
  /** The beginning of a record whose end has not come: the first `#have` bytes. */
  #kept: Buffer | undefined;
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
    serializer.writeRawBytes(noLength);
    serializer.writeHeader();
    serializer.writeValue(frames);
    const record = serializer.releaseBuffer();
    if (record.length > SPLIT_BYTES && frames.length > 1) {
      for (const frame of frames) this.send([frame]);
      return;
    }
    record.writeUInt32BE(record.length - LENGTH_BYTES, 0);
    this.#socket.write([record]);
  }

  receive(
    onFrames: (frames: readonly Frame[]) => void,
    onClose: (error: Error | undefined) => void,
  ): void {
    this.#onFrames = onFrames;
    this.#onClose = onClose;
    this.#socket.start({
      data: (bytes) => this.#onData(bytes),
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

  #onData(bytes: Buffer): void {
    if (this.#closed) return;
    try {
      let rest = this.#have === 0 ? bytes : this.#append(bytes);
      while (!this.#closed) {
        const used = this.#read(rest);
        if (used === 0) break;
        rest = rest.subarray(used);
      }
      this.#keep(rest);
    } catch (error) {
      const cause = error instanceof Error ? error : new Error(String(error));
      this.close(new Error(`Malformed RPC record: ${cause.message}`, { cause }));
    }
  }

  /** Takes what is whole at the beginning of `bytes`; returns how many bytes that were. */
  #read(bytes: Buffer): number {
    if (!this.#greeted) return this.#readHello(bytes);
    if (bytes.length < LENGTH_BYTES) return 0;
    const length = bytes.readUInt32BE(0);
    if (length === 0 || length > this.#maxRecord) {
      throw new RangeError(`length ${length} is not within 1 and ${this.#maxRecord}`);
    }
    const end = LENGTH_BYTES + length;
    if (bytes.length < end) return 0;
    // It copies what it reads.
    const deserializer = new Deserializer(bytes.subarray(LENGTH_BYTES, end));
    deserializer.readHeader();
    const frames: unknown = deserializer.readValue();
    if (!isFrames(frames)) throw new TypeError("not a list of frames");
    this.#onFrames?.(frames);
    return end;
  }

  #readHello(bytes: Buffer): number {
    if (bytes.length < HELLO_BYTES) return 0;
    if (bytes.readUInt32BE(0) !== MAGIC) {
      throw new TypeError("the peer does not speak this protocol");
    }
    const version = bytes.readUInt32BE(4);
    if (version !== PROTOCOL_VERSION) {
      throw new RangeError(`the peer speaks version ${version}, this is ${PROTOCOL_VERSION}`);
    }
    this.#greeted = true;
    return HELLO_BYTES;
  }

  /** Behind what is kept; returns both. */
  #append(bytes: Buffer): Buffer {
    const kept = this.#kept;
    const size = this.#have + bytes.length;
    if (kept === undefined || kept.length < size) {
      // Twice as much each time: a long record is not copied for each of its pieces.
      this.#kept = Buffer.allocUnsafeSlow(2 * size);
      kept?.copy(this.#kept, 0, 0, this.#have);
    }
    this.#kept?.set(bytes, this.#have);
    this.#have = size;
    return (this.#kept as Buffer).subarray(0, size);
  }

  /** What is left of the bytes that came, for those that will. */
  #keep(rest: Buffer): void {
    // Nothing of it was taken.
    if (rest.length === this.#have) return;
    this.#kept = undefined;
    this.#have = 0;
    if (rest.length > 0) this.#append(rest);
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
