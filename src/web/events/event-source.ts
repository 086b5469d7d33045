/**
 * The Worker's `EventSource` (spec/platform.md 8): over the Worker's own `fetch`, or over a stream that is
 * there (`from`). It belongs to the invocation that made it and ends with it; while it is open it keeps it.
 */
import { currentInvocation, type Invocation } from "../../isolate/invocation.ts";
import { logException } from "../../isolate/log.ts";
import { httpCompat } from "../compat.ts";
import { fetch } from "../http/fetch.ts";
import { parseMimeType } from "../http/mime-type.ts";
import type { Response } from "../http/response.ts";
import { defineInterface } from "../interfaces/define-interface.ts";
import { wrongConstructorParameter, wrongParameter } from "../streams/arguments.ts";
import { isReadableStream, readStream } from "../streams/byte-streams.ts";
import type { Reading } from "../streams/core/reading.ts";
import type { ReadableStream } from "../streams/readable-stream.ts";
import { AbortController } from "./abort-signal.ts";
import { Event, isEvent, trusted } from "./event.ts";
import { EventStreamParser, type ServerEvent } from "./event-stream.ts";
import { EventTarget, listeners } from "./event-target.ts";
import { ErrorEvent, MessageEvent, NO_ORIGIN } from "./events.ts";

type Handler = (event: Event) => unknown;
type HandlerName = "open" | "message" | "error";

const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 2;
const OWN_HANDLERS: ReadonlySet<string> = new Set(["open", "message", "error"]);

/** Until the server says otherwise, in ms; what it says is kept within the two others. */
const DEFAULT_DELAY = 2000;
const MIN_DELAY = 1000;
const MAX_DELAY = 10_000;

/** Passed by `from`: nothing is fetched. */
const STREAM: unique symbol = Symbol("stream");

class OpenEvent extends Event {
  constructor() {
    super("open");
  }
}
defineInterface(OpenEvent, "OpenEvent", { brand: isEvent });

let isEventSource: (value: object) => boolean;
let readFrom: (source: EventSource, stream: ReadableStream) => void;

export class EventSource extends EventTarget {
  readonly #url: string;
  readonly #invocation: Invocation;
  readonly #handlers: Map<HandlerName, Handler | null> = new Map();
  readonly #parser: EventStreamParser;
  /** Of the response; null for a stream. */
  #origin: string | null = null;
  #state: number = CONNECTING;
  #delay = DEFAULT_DELAY;
  #abort: AbortController | undefined;
  #reading: Reading | undefined;
  /** Ends the wait for the next attempt. */
  #stopWaiting: (() => void) | undefined;
  #forgetEnd: () => void = () => {};

  constructor(url?: unknown, init?: unknown) {
    // biome-ignore lint/complexity/noArguments: an undefined URL is "undefined", an absent one is none
    if (arguments.length === 0) throw wrongConstructorParameter("EventSource", 1, "string");
    super();
    this.#invocation = ownerOf();
    this.#parser = new EventStreamParser(
      (event) => this.#message(event),
      (delay) => {
        this.#delay = Math.min(MAX_DELAY, Math.max(MIN_DELAY, delay));
      },
    );
    this.#forgetEnd = this.#invocation.onEnd(() => this.#close());
    if (url === STREAM) {
      this.#url = "";
      return;
    }
    this.#url = cleanUrl(`${url}`);
    assertInit(init);
    queueMicrotask(() => void this.#connect());
  }

  static {
    isEventSource = (value) => #parser in value;
    readFrom = (source, stream) => {
      source.#state = OPEN;
      // Listeners are added first.
      queueMicrotask(() => void source.#readOnce(stream));
    };
  }

  /** Events of a stream of bytes; it is over when the stream is. */
  static from(stream?: unknown): EventSource {
    if (!isReadableStream(stream)) {
      throw wrongParameter("from", "EventSource", 1, "JsReadableStream");
    }
    const source = new EventSource(STREAM);
    readFrom(source, stream);
    return source;
  }

  get url(): string {
    return this.#url;
  }

  get withCredentials(): boolean {
    return false;
  }

  get readyState(): number {
    return this.#state;
  }

  get onopen(): Handler | null {
    return this.#handlers.get("open") ?? null;
  }

  set onopen(handler: unknown) {
    this.#handle("open", handler);
  }

  get onmessage(): Handler | null {
    return this.#handlers.get("message") ?? null;
  }

  set onmessage(handler: unknown) {
    this.#handle("message", handler);
  }

  get onerror(): Handler | null {
    return this.#handlers.get("error") ?? null;
  }

  set onerror(handler: unknown) {
    this.#handle("error", handler);
  }

  close(): void {
    this.#close();
  }

  [Symbol.dispose](): void {
    this.#close();
  }

  /** Its place among the listeners is that of the first assignment. */
  #handle(name: HandlerName, handler: unknown): void {
    const hasPlace = this.#handlers.has(name);
    this.#handlers.set(name, typeof handler === "function" ? (handler as Handler) : null);
    if (hasPlace) return;
    const list = listeners(this);
    list.ownHandlers = OWN_HANDLERS;
    list.add(name, (event) => this.#handlers.get(name)?.call(this, event));
  }

  #close(): void {
    this.#state = CLOSED;
    this.#forgetEnd();
    this.#stopWaiting?.();
    this.#abort?.abort();
    this.#reading?.cancel(undefined).catch(() => {});
  }

  get #isClosed(): boolean {
    return this.#state === CLOSED;
  }

  /** Until it is closed, or fails for good. Never rejects. */
  async #connect(): Promise<void> {
    while (!this.#isClosed) {
      let stream: ReadableStream;
      try {
        stream = await this.#request();
      } catch (error) {
        this.#fail(error, CLOSED);
        return;
      }
      if (this.#isClosed) return;
      this.#state = OPEN;
      this.#dispatch(new OpenEvent());
      await this.#read(stream);
      if (this.#isClosed) return;
      this.#fail(new Error("The server disconnected."), CONNECTING);
      await this.#wait();
    }
  }

  async #request(): Promise<ReadableStream> {
    this.#abort = new AbortController();
    const { lastEventId } = this.#parser;
    const response = await fetch(this.#url, {
      headers: {
        accept: "text/event-stream",
        "cache-control": "no-cache",
        ...(lastEventId === "" ? {} : { "last-event-id": lastEventId }),
      },
      signal: this.#abort.signal,
    });
    const refusal = refusalOf(response);
    if (refusal !== undefined) {
      response.body?.cancel().catch(() => {});
      throw new DOMException(refusal, "AbortError");
    }
    this.#origin = new URL(response.url || this.#url).origin;
    const { body } = response;
    if (body === null) throw new DOMException("The response has no body.", "AbortError");
    return body;
  }

  async #readOnce(stream: ReadableStream): Promise<void> {
    await this.#read(stream);
    if (!this.#isClosed) this.#fail(new Error("The server disconnected."), CLOSED);
  }

  /** To the end of the stream, or its failure, which is an end too. */
  async #read(stream: ReadableStream): Promise<void> {
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    this.#parser.reset();
    try {
      const reading = readStream(stream);
      this.#reading = reading;
      while (reading.take() || (await reading.wait())) {
        if (this.#isClosed) return;
        this.#parser.push(decoder.decode(reading.value as Uint8Array, { stream: true }));
      }
    } catch {
      // Whoever listens hears that the server has disconnected.
    } finally {
      this.#reading = undefined;
    }
  }

  #message({ type, data, lastEventId }: ServerEvent): void {
    if (this.#isClosed) return;
    this.#dispatch(
      new MessageEvent(type, { data, lastEventId, origin: this.#origin ?? NO_ORIGIN }),
    );
  }

  #fail(error: unknown, state: number): void {
    if (this.#isClosed) return;
    this.#state = state;
    if (this.#isClosed) this.#forgetEnd();
    this.#dispatch(new ErrorEvent("error", { error }));
  }

  /** What a listener throws is nobody's: it ends nothing here. */
  #dispatch(event: Event): void {
    const errors = listeners(this).dispatchCatching(trusted(event));
    if (!httpCompat().compliantDispatch)
      for (const error of errors) logException(error, "Uncaught");
  }

  #wait(): Promise<void> {
    const release = this.#invocation.hold();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#stopWaiting = undefined;
        release();
        resolve();
      };
      const timer = setTimeout(done, this.#delay);
      this.#stopWaiting = done;
    });
  }
}
defineInterface(EventSource, "EventSource", {
  brand: isEventSource,
  constants: { CONNECTING, OPEN, CLOSED },
});

function ownerOf(): Invocation {
  const invocation = currentInvocation();
  if (invocation !== undefined) return invocation;
  throw new DOMException(
    "An EventSource can only be created within the context of a worker request.",
    "NotSupportedError",
  );
}

function cleanUrl(url: string): string {
  if (URL.canParse(url)) return new URL(url).href;
  throw new DOMException(
    `Cannot open an EventSource to '${url}'. The URL is invalid.`,
    "SyntaxError",
  );
}

function assertInit(init: unknown): void {
  if (typeof init !== "object" || init === null || !Reflect.get(init, "withCredentials")) return;
  throw new DOMException(
    "The init.withCredentials option is not supported. It must be false or undefined.",
    "NotSupportedError",
  );
}

/** Why a response brings no events; undefined: it does. */
function refusalOf(response: Response): string | undefined {
  // The type of a bodyless answer is what production complains of.
  const isAccepted = response.status === 200 || response.status === 204;
  if (!isAccepted) return `The response status code was ${response.status}.`;
  const type = response.headers.get("content-type");
  if (type === null) return "No content type header was present in the response.";
  const isEvents = parseMimeType(type)?.essence === "text/event-stream";
  return isEvents ? undefined : `The content type '${type}' is invalid.`;
}
