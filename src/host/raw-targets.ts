/**
 * Requests whose target has bytes beyond ASCII (`curl 'http://localhost:8787/?q=ä'`): production
 * takes them, Node's parser refuses them and is of no use for that connection any more. Such a
 * connection goes on over a stream of ours, into which its packets are put with the target encoded.
 */
import type { Socket } from "node:net";
import { Duplex } from "node:stream";

/** What "clientError" of an HTTP server brings. */
export interface ClientError extends NodeJS.ErrnoException {
  readonly bytesParsed?: number;
  readonly rawPacket?: Buffer;
}

const relays: WeakMap<Socket, SocketRelay> = new WeakMap();

/**
 * To be asked about every "clientError". True: taken care of; `serve` has got the stream that
 * stands for the socket from now on. The dead parser of the socket reports each packet that follows.
 */
export function rescueRawTarget(
  error: ClientError,
  socket: Socket,
  serve: (stream: Socket) => void,
): boolean {
  const { code, rawPacket, bytesParsed = 0 } = error;
  const relay = relays.get(socket);
  if (relay !== undefined) {
    relay.push(rawPacket ?? null);
    return true;
  }
  const packet =
    code === "HPE_INVALID_URL" && rawPacket !== undefined
      ? encodeTarget(rawPacket, bytesParsed)
      : undefined;
  if (packet === undefined) return false;
  const stream = new SocketRelay(socket);
  relays.set(socket, stream);
  // An HTTP server asks no more of a socket than of any duplex stream.
  serve(stream as unknown as Socket);
  stream.push(packet);
  return true;
}

/** `packet` from the request line on that the parser stopped in; undefined if it began earlier. */
function encodeTarget(packet: Buffer, stoppedAt: number): Buffer | undefined {
  const { text: line, end } = lineAt(packet, stoppedAt);
  if (!/^[A-Z-]+ /.test(line) || !BEYOND_ASCII.test(line)) return undefined;
  const encoded = line.replace(
    EACH_BEYOND_ASCII,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return Buffer.concat([Buffer.from(encoded, "latin1"), packet.subarray(end)]);
}

/** The line of `packet` around `position`, as Latin-1 without its line feed, and where it ends. */
export function lineAt(packet: Buffer, position: number): { text: string; end: number } {
  const start = packet.lastIndexOf(LINE_FEED, position) + 1;
  const next = packet.indexOf(LINE_FEED, position);
  const end = next === -1 ? packet.length : next;
  return { text: packet.subarray(start, end).toString("latin1"), end };
}

const LINE_FEED = 0x0a;
const BEYOND_ASCII = /[\x80-\xff]/;
const EACH_BEYOND_ASCII = /[\x80-\xff]/g;

/** Reads what is pushed into it, writes to the socket. Each ends with the other. */
class SocketRelay extends Duplex {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    socket.once("close", () => this.destroy());
  }

  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress;
  }

  get encrypted(): boolean | undefined {
    return "encrypted" in this.#socket ? true : undefined;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.#socket.write(chunk)) done();
    else this.#socket.once("drain", done);
  }

  override _final(done: () => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}
