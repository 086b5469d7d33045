/**
 * `http.IncomingMessage` (spec/node.md 8): the request of a server, or the answer to a client. A
 * Readable over a body of the platform, which is opened when somebody reads.
 */
import { Readable } from "node:stream";
import { type BodySource, openSource } from "../../web/http/body-source.ts";
import { readStream } from "../../web/streams/byte-streams.ts";
import type { Reading } from "../../web/streams/core/reading.ts";

type HeaderObject = Record<string, string | string[]>;

export interface IncomingInit {
  /** Pairs, as protocol/http.ts has them. */
  readonly headers: string;
  readonly body: () => BodySource;
}

/** Repeated ones are dropped. */
const SINGLE: ReadonlySet<string> = new Set(
  "age authorization content-length content-type etag expires from host if-modified-since if-unmodified-since last-modified location max-forwards proxy-authorization referer retry-after server user-agent".split(
    " ",
  ),
);

export class IncomingMessage extends Readable {
  httpVersion = "1.1";
  httpVersionMajor = 1;
  httpVersionMinor = 1;
  complete = false;
  aborted = false;
  upgrade: boolean | null = null;
  url = "";
  method: string | null = null;
  statusCode: number | null = null;
  statusMessage: string | null = null;
  socket: unknown;
  rawHeaders: string[] = [];
  rawTrailers: string[] = [];
  trailers: object = {};
  joinDuplicateHeaders: boolean | undefined;
  #init: IncomingInit | undefined;
  #headers: HeaderObject | undefined;
  #distinct: Record<string, string[]> | undefined;
  #reading: Reading | undefined;
  #isReading = false;

  /** Of user code: a socket; of the runtime: what it is made of as well. */
  constructor(socket?: unknown, init?: IncomingInit) {
    super({ highWaterMark: 64 * 1024 });
    this.socket = socket;
    this.#init = init;
  }

  get connection(): unknown {
    return this.socket;
  }

  set connection(value: unknown) {
    this.socket = value;
  }

  get headers(): HeaderObject {
    this.#headers ??= headersOf(this.#init?.headers ?? "");
    return this.#headers;
  }

  set headers(value: HeaderObject) {
    this.#headers = value;
  }

  get headersDistinct(): Record<string, string[]> {
    this.#distinct ??= distinctOf(this.#init?.headers ?? "");
    return this.#distinct;
  }

  set headersDistinct(value: Record<string, string[]>) {
    this.#distinct = value;
  }

  get trailersDistinct(): object {
    return {};
  }

  setTimeout(_ms: number, callback?: () => void): this {
    if (callback !== undefined) this.once("timeout", callback);
    return this;
  }

  override _read(): void {
    if (this.#isReading) return;
    if (this.#reading === undefined && !this.#open()) return;
    this.#isReading = true;
    void this.#fill(this.#reading as Reading);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.readableEnded || !this.complete) this.aborted = !this.complete;
    this.#reading?.cancel(error).catch(() => {});
    this.#init = this.#init === undefined ? undefined : { ...this.#init, body: () => null };
    // As Node: whoever listens to nothing is not told.
    const isHeard = error !== null && this.listenerCount("error") > 0;
    process.nextTick(done, isHeard ? error : null);
  }

  /** False: everything has been pushed. */
  #open(): boolean {
    const body = this.#init?.body() ?? null;
    if (body === null || typeof body === "string" || body instanceof Uint8Array) {
      this.complete = true;
      if (body !== null && body.length > 0) {
        this.push(
          typeof body === "string"
            ? Buffer.from(body)
            : Buffer.from(body.buffer, body.byteOffset, body.byteLength),
        );
      }
      this.push(null);
      return false;
    }
    this.#reading = readStream(openSource(body));
    return true;
  }

  /** Until the buffer is full. Never rejects. */
  async #fill(reading: Reading): Promise<void> {
    try {
      for (;;) {
        if (!reading.take() && !(await reading.wait())) break;
        const chunk = reading.value as Uint8Array;
        const buffer = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
        if (this.destroyed) return;
        if (!this.push(buffer)) {
          this.#isReading = false;
          return;
        }
      }
      this.complete = true;
      this.push(null);
    } catch (error) {
      this.aborted = true;
      this.destroy(error as Error);
    }
  }
}

/** Name, value, name, value. */
export function rawHeaders(wire: string): string[] {
  return wire === "" ? [] : wire.split("\n");
}

function headersOf(wire: string): HeaderObject {
  const headers: HeaderObject = {};
  const raw = rawHeaders(wire);
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase();
    const value = raw[i + 1] as string;
    const known = headers[name];
    if (name === "set-cookie") {
      if (Array.isArray(known)) known.push(value);
      else headers[name] = [value];
    } else if (known === undefined) headers[name] = value;
    else if (!SINGLE.has(name))
      headers[name] = `${known}${name === "cookie" ? "; " : ", "}${value}`;
  }
  return headers;
}

function distinctOf(wire: string): Record<string, string[]> {
  const headers = Object.create(null) as Record<string, string[]>;
  const raw = rawHeaders(wire);
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase();
    const values = headers[name] ?? [];
    values.push(raw[i + 1] as string);
    headers[name] = values;
  }
  return headers;
}
