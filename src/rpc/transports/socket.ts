/**
 * Between processes: records of a 4-byte length and V8's serialization of one turn's frames. The
 * first bytes in each direction are a hello, a magic and the protocol version. Lengths are checked before
 * anything is allocated; bytes that make no sense close this link only, with an error.
 *
 * Who connects says hello, who listens answers it, and only then does the first call go out. The operating
 * system connects to a thread that has just stopped listening, too: what is sent to it then is
 * lost, and nobody could tell that from a call that was lost half-way.
 */
import { nodeV8 } from "../../util/late-modules.ts";
import type { Frame, Transport } from "../contract.ts";
import { PROTOCOL_VERSION } from "../frames.ts";
import type { ByteSocket } from "./byte-socket.ts";
import { connectPipe } from "./pipe.ts";

export interface SocketTransportOptions {
  /** Largest record that is accepted, bytes. */
  readonly maxRecordBytes?: number;
  /** This end connected; default false: it answers the other one's hello. */
  readonly opens?: boolean;
  /** False once this end is about to go: who says hello then is sent away unanswered, and tries elsewhere. */
  readonly answers?: () => boolean;
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
  return new SocketTransport(socket, options);
}

/**
 * Connects to a unix socket or named pipe. Calls back with the transport once the other end has
 * answered and knows of this one; or with an Error: nobody is there any more, and nothing was sent.
 */
export function connectTransport(path: string, done: (outcome: Transport | Error) => void): void {
  connectPipe(path, (socket) => {
    if (socket instanceof Error) {
      done(socket);
      return;
    }
    const transport = new SocketTransport(socket, { opens: true });
    transport.whenGreeted((error) => done(error ?? transport));
  });
}

class SocketTransport implements Transport {
  readonly kind = "socket";
  readonly #socket: ByteSocket;
  readonly #maxRecord: number;
  readonly #answers: (() => boolean) | undefined;
  #onFrames: ((frames: readonly Frame[]) => void) | undefined;
  #onClose: ((error: Error | undefined) => void) | undefined;
  #onGreeted: (() => void) | undefined;
  #error: Error | undefined;
  #closed = false;
  #hasSaidHello = false;
  #greeted = false;
  /** The beginning of a record whose end has not come: the first `#have` bytes. */
  #kept: Buffer | undefined;
  #have = 0;

  constructor(
    socket: ByteSocket,
    { maxRecordBytes = DEFAULT_MAX_RECORD, opens = false, answers }: SocketTransportOptions,
  ) {
    this.#socket = socket;
    this.#answers = answers;
    this.#maxRecord = maxRecordBytes;
    if (opens) this.#sayHello();
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedBytes;
  }

  send(frames: readonly Frame[]): void {
    if (this.#closed) return;
    this.#sayHello();
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
    if (!this.#greeted) this.#start();
  }

  /** Before `receive`, which may be called from `done` at the earliest. */
  whenGreeted(done: (error?: Error) => void): void {
    this.#onGreeted = () => done();
    this.#onClose = (error) => done(error ?? new Error("the connection was closed unanswered"));
    this.#start();
  }

  #start(): void {
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

  #sayHello(): void {
    if (this.#hasSaidHello) return;
    this.#hasSaidHello = true;
    const hello = Buffer.allocUnsafe(HELLO_BYTES);
    hello.writeUInt32BE(MAGIC, 0);
    hello.writeUInt32BE(PROTOCOL_VERSION, 4);
    this.#socket.write([hello]);
  }

  #readHello(bytes: Buffer): number {
    if (bytes.length < HELLO_BYTES) return 0;
    if (this.#answers?.() === false) {
      this.close();
      return HELLO_BYTES;
    }
    // Another version is told which one this is.
    this.#sayHello();
    if (bytes.readUInt32BE(0) !== MAGIC) {
      throw new TypeError("the peer does not speak this protocol");
    }
    const version = bytes.readUInt32BE(4);
    if (version !== PROTOCOL_VERSION) {
      throw new RangeError(`the peer speaks version ${version}, this is ${PROTOCOL_VERSION}`);
    }
    this.#greeted = true;
    this.#onGreeted?.();
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
