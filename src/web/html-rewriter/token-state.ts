/**
 * What all tokens of HTMLRewriter have in common: they are valid only while their handler runs, and what
 * it inserts takes effect in the order of the calls, also if it is a stream that has to be read first.
 */

import { isOf } from "../../util/thrown.ts";
import { chunkBytes } from "../http/body-source.ts";
import { isResponse } from "../http/response.ts";
import { wrongParameter } from "../streams/arguments.ts";
import { isLocked, isReadableStream, readStream } from "../streams/byte-streams.ts";
import type { ReadableStream } from "../streams/readable-stream.ts";
import type { EngineOptions, EngineToken } from "./native-tokens.ts";

export const LOCKED = "The ReadableStream has been locked to a reader.";
const INVALID =
  "This content token is no longer valid. Content tokens are only valid during the execution of the relevant content handler.";
const ONLY_TEXT =
  "Replacing content in HTML comments using a ReadableStream or Response object is not implemented. You must provide a string.";

/** A call of `before`, `append` and the like, by its arguments. */
export interface Insertion {
  readonly className: string;
  readonly method: string;
  readonly args: readonly unknown[];
  /** Comments and the end of a document take nothing else. */
  readonly onlyText?: boolean;
}

export class TokenState<N extends EngineToken> {
  readonly #native: N;
  #isOpen = true;
  #isFreed = false;
  /** What waits for streams; undefined: nothing. */
  #queue: Promise<void> | undefined;

  constructor(native: N) {
    this.#native = native;
  }

  /** The parser's token. Throws when its handler is over. */
  get native(): N {
    if (!this.#isOpen) throw new TypeError(INVALID);
    return this.#native;
  }

  /** Change it, after what was called before. Errors of the parser become TypeErrors. */
  change(action: (native: N) => unknown): void {
    const { native } = this;
    if (this.#queue === undefined) parserCall(() => action(native));
    else this.#enqueue(() => action(native));
  }

  insert(
    call: Insertion,
    action: (native: N, content: string, options: EngineOptions) => void,
  ): void {
    const { native } = this;
    const content = contentOf(call);
    const options = { html: isHtml(call) };
    if (typeof content === "string") {
      this.change((token) => action(token, content, options));
      return;
    }
    const text = readText(content);
    // It is reported when its turn has come.
    text.catch(() => {});
    this.#enqueue(async () => {
      const whole = await text;
      this.#callParser(() => action(native, whole, options));
    });
  }

  #enqueue(action: () => unknown): void {
    const before = this.#queue ?? Promise.resolve();
    const queue = before.then(() => this.#callParser(action)).then(() => {});
    // `close` gives it to whoever waits for the handler.
    queue.catch(() => {});
    this.#queue = queue;
  }

  /** Its handler is over: user code cannot use it any more. What is returned is still to be waited for. */
  close(): Promise<void> | undefined {
    this.#isOpen = false;
    return this.#queue;
  }

  /** What waits for a stream still does nothing any more: the token's memory is another's then. */
  free(): void {
    this.#isFreed = true;
    this.#native.free();
  }

  #callParser(action: () => unknown): unknown {
    return this.#isFreed ? undefined : parserCall(action);
  }
}

/** Runs a call of the parser; what it throws is worded as production does. */
export function parserCall<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw reworded(error);
  }
}

/** The package's parser is older than production's: where they word things differently. */
const REWORDED: readonly (readonly [string, string])[] = [
  ["Empty negation in selector.", "The selector is empty."],
  [
    "Comment text shouldn't contain comment closing sequence (`-->`).",
    "Comment text shouldn't contain a comment-closing sequence.",
  ],
  [
    "thus, is is unclear is consequent content should",
    "thus, it is unclear whether consequent content should",
  ],
];

/** An error of the parser, which may be a mere text, as it is shown; any other as it is. */
export function reworded(error: unknown): unknown {
  if (typeof error === "string") return reworded(parserError(error));
  if (!isOf(error, TypeError)) return error;
  const message = REWORDED.reduce((now, [from, to]) => now.replace(from, to), error.message);
  return message === error.message ? error : new TypeError(message);
}

export function parserError(text: string): TypeError {
  return new TypeError(`Parser error: ${text}`);
}

function contentOf({ className, method, args, onlyText }: Insertion): string | ReadableStream {
  if (args.length === 0) {
    throw wrongParameter(method, className, 1, "string or JsReadableStream or Response");
  }
  const [content] = args;
  const isStream = isReadableStream(content);
  if (!isStream && !isResponse(content)) return `${content}`;
  if (onlyText === true) throw new TypeError(ONLY_TEXT);
  return (isStream ? content : content.body) ?? "";
}

function isHtml({ className, method, args }: Insertion): boolean {
  const options = args[1];
  if (options === undefined || options === null) return false;
  if (typeof options !== "object" && typeof options !== "function") {
    throw wrongParameter(method, className, 2, "ContentOptions");
  }
  return Boolean(Reflect.get(options, "html"));
}

/** All of a stream of bytes or strings. */
async function readText(stream: ReadableStream): Promise<string> {
  if (isLocked(stream)) throw new TypeError(LOCKED);
  const reading = readStream(stream);
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let text = "";
  while (reading.take() || (await reading.wait())) {
    if (typeof reading.value === "string") {
      text += decoder.decode() + reading.value;
      continue;
    }
    const bytes = chunkBytes(reading.value);
    if (bytes === undefined) throw new TypeError("This ReadableStream did not return bytes.");
    text += decoder.decode(bytes, { stream: true });
  }
  return text + decoder.decode();
}
