/**
 * One document through the parser: reads the body, calls the handlers one after the other, and feeds what
 * comes out to the stream that the new Response has. It reads on only while little of its output waits to
 * be read (spec/platform.md 12.5). Runs in the invocation that called `transform`.
 */
import { currentInvocation } from "../../isolate/invocation.ts";
import { bytesOf } from "../../rpc/streams/chunk-bytes.ts";
import { isOf } from "../../util/thrown.ts";
import { httpCompat } from "../compat.ts";
import { type BodySource, isLazyStream } from "../http/body-source.ts";
import { isReadableStream, openByteStream, readStream } from "../streams/byte-streams.ts";
import type { NativeReadable } from "../streams/core/native-readable.ts";
import { Deferred } from "../streams/core/promises.ts";
import type { Reading } from "../streams/core/reading.ts";
import type { ReadableStream } from "../streams/readable-stream.ts";
import { type Transcoding, transcodingOf } from "./charset.ts";
import { Element } from "./element.ts";
import { createEngineRewriter, dropEngine } from "./engine.ts";
import type {
  EngineDocumentHandlers,
  EngineElementHandlers,
  EngineRewriter,
} from "./native-rewriter.ts";
import type {
  EngineComment,
  EngineDoctype,
  EngineDocumentEnd,
  EngineElement,
  EngineEndTag,
  EngineText,
  EngineToken,
} from "./native-tokens.ts";
import { Output } from "./output.ts";
import { LOCKED, parserCall, reworded, TokenState } from "./token-state.ts";
import { Comment, Doctype, DocumentEnd, EndTag, Text } from "./tokens.ts";

type Handler = (this: unknown, token: unknown) => unknown;

/** `selector` undefined: of the document. `self` is the object that the handlers belong to. */
export interface HandlerSet {
  readonly selector: string | undefined;
  readonly self: unknown;
  readonly element?: Handler;
  readonly comments?: Handler;
  readonly text?: Handler;
  readonly doctype?: Handler;
  readonly end?: Handler;
}

/** Output that may wait to be read before the input is read on. In bytes. */
const HIGH_WATER = 64 * 1024;
/** Of a body that is there as a whole, so much is parsed at a time: its output is streamed too. */
const SLICE = 64 * 1024;

/** Throws what the parser says of it. */
export function assertSelector(selector: string): void {
  const scratch = createEngineRewriter(new Output(), false);
  try {
    parserCall(() => scratch.on(selector, {}));
  } finally {
    scratch.free();
  }
}

/** What a body is refused with that somebody else reads. */
export function lockedError(): TypeError {
  return new TypeError(LOCKED);
}

/**
 * The stream of what `handlers` make of `body`; work on it begins in a microtask. Throws TypeError for a
 * charset that cannot be rewritten.
 */
export function transformBody(
  body: NonNullable<BodySource>,
  contentType: string | null,
  handlers: readonly HandlerSet[],
): ReadableStream {
  const transform = new Transform(body, handlers, transcodingOf(contentType));
  queueMicrotask(() => void transform.run());
  return transform.output;
}

/** Thrown into the parser to stop it; why is in `#failure`. */
const STOP = new Error("A handler has failed.");
const ENDED = new Error("The invocation has ended.");

class Transform {
  readonly output: ReadableStream;
  readonly #handlers: readonly HandlerSet[];
  readonly #feed: NativeReadable;
  readonly #input: Reading | undefined;
  /** Instead of `#input`. */
  readonly #bytes: Uint8Array | undefined;
  readonly #transcoding: Transcoding | undefined;
  /** What came out and was not pushed yet. */
  readonly #out: Output = new Output();
  #rewriter: EngineRewriter | undefined;
  /** Pushed and not read. */
  #waiting = 0;
  #drained: Deferred<void> | undefined;
  #failure: { readonly error: unknown } | undefined;
  #isCancelled = false;
  /** The invocation is over. */
  #hasLeft = false;
  /** Waits for a handler no longer. */
  #abandon: (() => void) | undefined;

  constructor(
    body: NonNullable<BodySource>,
    handlers: readonly HandlerSet[],
    transcoding: Transcoding | undefined,
  ) {
    this.#handlers = handlers;
    this.#transcoding = transcoding;
    const opened = isLazyStream(body) ? body.open() : body;
    if (isReadableStream(opened)) this.#input = readStream(opened);
    else this.#bytes = typeof opened === "string" ? new TextEncoder().encode(opened) : opened;
    const { stream, feed } = openByteStream(
      {
        taken: (bytes) => this.#taken(bytes),
        cancel: (reason) => this.#cancel(reason),
      },
      -1,
    );
    this.output = stream;
    this.#feed = feed;
  }

  /** Never rejects: whoever reads the output hears of errors. */
  async run(): Promise<void> {
    let rewriter: EngineRewriter | undefined;
    const stop = currentInvocation()?.onEnd(() => this.#leave());
    try {
      rewriter = this.#createRewriter();
      this.#rewriter = rewriter;
      for await (const chunk of this.#chunksOfInput()) {
        const pending = rewriter.write(this.#transcoding?.decode(chunk, false) ?? chunk);
        if (pending !== undefined) await pending;
        const room = this.#flush();
        if (room !== undefined) await room;
      }
      if (this.#isCancelled) return;
      const rest = this.#transcoding?.decode(new Uint8Array(0), true);
      if (rest !== undefined && rest.byteLength > 0) await rewriter.write(rest);
      await rewriter.end();
      await this.#flush();
      this.#feed.end();
    } catch (error) {
      this.#fail(error);
    } finally {
      stop?.();
      freeRewriter(rewriter);
    }
  }

  /** The invocation is over: nobody reads what comes out, and its handlers do not go on. */
  #leave(): void {
    this.#hasLeft = true;
    void this.#cancel(ENDED)?.catch(() => {});
    this.#failAt(ENDED);
    this.#abandon?.();
  }

  async *#chunksOfInput(): AsyncGenerator<Uint8Array> {
    const bytes = this.#bytes;
    if (bytes !== undefined) {
      for (let at = 0; at < bytes.byteLength && !this.#isCancelled; at += SLICE) {
        yield bytes.subarray(at, at + SLICE);
      }
      return;
    }
    const input = this.#input;
    if (input === undefined) return;
    while (!this.#isCancelled && (input.take() || (await input.wait()))) {
      const chunk = bytesOf(input.value);
      if (chunk === undefined) throw new TypeError("This ReadableStream did not return bytes.");
      if (chunk.byteLength > 0) yield chunk;
    }
  }

  #createRewriter(): EngineRewriter {
    const rewriter = createEngineRewriter(this.#out, httpCompat().esiIncludeIsVoid);
    for (const set of this.#handlers) {
      if (set.selector === undefined) rewriter.onDocument(this.#documentHandlers(set));
      else rewriter.on(set.selector, this.#elementHandlers(set));
    }
    return rewriter;
  }

  #elementHandlers({ self, element, comments, text }: HandlerSet): EngineElementHandlers {
    const runEndTag = (tag: EngineEndTag, handler: Handler): unknown =>
      this.#call(tag, (state) => new EndTag(state), handler, undefined);
    return {
      ...(element && {
        element: this.#wrap(
          (state: TokenState<EngineElement>) => new Element(state, runEndTag),
          element,
          self,
        ),
      }),
      ...(comments && {
        comments: this.#wrap(
          (state: TokenState<EngineComment>) => new Comment(state),
          comments,
          self,
        ),
      }),
      ...(text && {
        text: this.#wrap((state: TokenState<EngineText>) => new Text(state), text, self),
      }),
    };
  }

  #documentHandlers({ self, doctype, comments, text, end }: HandlerSet): EngineDocumentHandlers {
    return {
      ...(doctype && {
        doctype: this.#wrap(
          (state: TokenState<EngineDoctype>) => new Doctype(state),
          doctype,
          self,
        ),
      }),
      ...(comments && {
        comments: this.#wrap(
          (state: TokenState<EngineComment>) => new Comment(state),
          comments,
          self,
        ),
      }),
      ...(text && {
        text: this.#wrap((state: TokenState<EngineText>) => new Text(state), text, self),
      }),
      ...(end && {
        end: this.#wrap(
          (state: TokenState<EngineDocumentEnd>) => new DocumentEnd(state),
          end,
          self,
        ),
      }),
    };
  }

  #wrap<N extends EngineToken>(
    makeToken: (state: TokenState<N>) => object,
    handler: Handler,
    self: unknown,
  ): (native: N) => Promise<void> | undefined {
    return (native) => this.#call(native, makeToken, handler, self);
  }

  /** A promise suspends the parser, which must not hear of rejections: it would stay suspended. */
  #call<N extends EngineToken>(
    native: N,
    makeToken: (state: TokenState<N>) => object,
    handler: Handler,
    self: unknown,
  ): Promise<void> | undefined {
    if (this.#failure !== undefined || this.#isCancelled) throw STOP;
    const state = new TokenState(native);
    try {
      const result: unknown = Reflect.apply(handler, self, [makeToken(state)]);
      if (isAwaited(result)) return this.#finish(state, result);
      const queue = state.close();
      if (queue !== undefined) return this.#finish(state, queue);
      state.free();
      return undefined;
    } catch (error) {
      void state.close();
      this.#failAt(error);
      throw STOP;
    }
  }

  async #finish(state: TokenState<EngineToken>, result: PromiseLike<unknown>): Promise<void> {
    // What is before this token need not wait for its handler.
    this.#rewriter?.flush();
    this.#push();
    try {
      await this.#settled(result);
      const queue = state.close();
      if (queue !== undefined) await this.#settled(queue);
    } catch (error) {
      this.#failAt(error);
    } finally {
      void state.close();
      state.free();
    }
  }

  /** One at a time; resolves too when the invocation ends first. */
  async #settled(result: PromiseLike<unknown>): Promise<void> {
    if (this.#hasLeft) {
      // Whatever comes of it, nobody is to be told that nobody waits.
      result.then(undefined, () => {});
      return;
    }
    await new Promise((resolve, reject) => {
      this.#abandon = () => resolve(undefined);
      result.then(resolve, reject);
    });
  }

  /** What comes out behind this is not wanted. */
  #failAt(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { error };
    this.#rewriter?.flush();
    this.#out.close();
  }

  #push(): void {
    const whole = this.#out.take();
    if (whole === undefined) return;
    const bytes = this.#transcoding?.encode(whole) ?? whole;
    this.#waiting += bytes.byteLength;
    this.#feed.push(bytes);
  }

  /** What has come out goes on; waits, if it has to, until more is wanted. Throws what a handler has thrown. */
  #flush(): Promise<void> | undefined {
    if (this.#failure !== undefined) throw STOP;
    this.#push();
    return this.#waiting > HIGH_WATER && !this.#isCancelled ? this.#untilDrained() : undefined;
  }

  async #untilDrained(): Promise<void> {
    while (this.#waiting > HIGH_WATER && !this.#isCancelled) {
      this.#drained = new Deferred();
      await this.#drained.promise;
    }
  }

  #taken(bytes: number): void {
    this.#waiting -= bytes;
    if (this.#waiting <= HIGH_WATER) this.#resume();
  }

  #resume(): void {
    this.#drained?.resolve(undefined);
    this.#drained = undefined;
  }

  #cancel(reason: unknown): Promise<unknown> | undefined {
    this.#isCancelled = true;
    this.#resume();
    return this.#input?.cancel(isOf(reason, Error) ? reason : new Error(String(reason)));
  }

  #fail(caught: unknown): void {
    const error = this.#failure === undefined ? reworded(caught) : thrown(this.#failure.error);
    this.#push();
    this.#feed.errorAfterwards(error);
    this.#input?.cancel(error).catch(() => {});
  }
}

/** What a handler has returned. */
function isAwaited(value: unknown): value is PromiseLike<unknown> {
  return value instanceof Promise || (httpCompat().unwrapsThenables && isThenable(value));
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  return typeof Reflect.get(value, "then") === "function";
}

/** What a handler threw, as readers get it. */
function thrown(error: unknown): unknown {
  const isObject = (typeof error === "object" && error !== null) || typeof error === "function";
  return isObject ? error : new Error(String(error));
}

function freeRewriter(rewriter: EngineRewriter | undefined): void {
  try {
    rewriter?.free();
  } catch {
    // It trapped, and holds on to what it was doing.
    dropEngine();
  }
}
