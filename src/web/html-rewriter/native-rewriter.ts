/**
 * One document in the parser: handlers by selector, chunks in, pieces of output to a sink. Made by transform.ts and,
 * to check a selector, by html-rewriter.ts.
 */
import { isOf } from "../../util/thrown.ts";
import {
  EngineComment,
  EngineDoctype,
  EngineDocumentEnd,
  EngineElement,
  EngineText,
} from "./native-tokens.ts";
import { type Parser, type PieceSink, TRUE } from "./parser.ts";
import { stackFor } from "./parser-stacks.ts";

/**
 * A handler that returns a promise suspends the parser until it is fulfilled; it must not reject. What it throws
 * ends the document: `write` throws.
 */
type EngineHandler<T> = (token: T) => PromiseLike<unknown> | undefined;

export interface EngineElementHandlers {
  readonly element?: EngineHandler<EngineElement>;
  readonly comments?: EngineHandler<EngineComment>;
  readonly text?: EngineHandler<EngineText>;
}

export interface EngineDocumentHandlers {
  readonly doctype?: EngineHandler<EngineDoctype>;
  readonly comments?: EngineHandler<EngineComment>;
  readonly text?: EngineHandler<EngineText>;
  readonly end?: EngineHandler<EngineDocumentEnd>;
}

/** V8's own stack: at some thousands. */
const TOO_DEEP = "The selector has too many combinators.";

type Entry = "htmlrewriter_write" | "htmlrewriter_end";

export class EngineRewriter {
  readonly #parser: Parser;
  readonly #pointer: number;
  /** Where the parser keeps its own stack while it is suspended; names this document too. */
  readonly #stack: number;
  readonly #sink: PieceSink;
  /** What its longest selector needs. */
  #stackBytes = 0;

  constructor(parser: Parser, sink: PieceSink, isEsiIncludeVoid: boolean) {
    this.#parser = parser;
    this.#sink = sink;
    // Its sink is never called: pieces.ts collects what is meant for it.
    this.#pointer = parser.exports.htmlrewriter_new(TRUE, isEsiIncludeVoid ? TRUE : 0);
    this.#stack = parser.exports.htmlrewriter_asyncify_stack_ptr(this.#pointer);
  }

  /** Throws a text: what is wrong with the selector. */
  on(selector: string, { element, comments, text }: EngineElementHandlers): void {
    const parser = this.#parser;
    const handlers = parser.give({
      element: element && ((at: number) => element(new EngineElement(parser, at))),
      comments: comments && ((at: number) => comments(new EngineComment(parser, at))),
      text: text && ((at: number) => text(new EngineText(parser, at))),
    });
    const stack = stackFor(selector);
    this.#stackBytes = Math.max(this.#stackBytes, stack);
    const at = parser.write(selector);
    try {
      parser.aside(stack, () =>
        parser.exports.htmlrewriter_on(this.#pointer, at, parser.writtenLength, handlers),
      );
    } catch (error) {
      throw isOf(error, RangeError) ? TOO_DEEP : error;
    }
  }

  onDocument({ doctype, comments, text, end }: EngineDocumentHandlers): void {
    const parser = this.#parser;
    const handlers = parser.give({
      doctype: doctype && ((at: number) => doctype(new EngineDoctype(parser, at))),
      comments: comments && ((at: number) => comments(new EngineComment(parser, at))),
      text: text && ((at: number) => text(new EngineText(parser, at))),
      end: end && ((at: number) => end(new EngineDocumentEnd(parser, at))),
    });
    parser.exports.htmlrewriter_onDocument(this.#pointer, handlers);
  }

  /** undefined: done, as no handler had to be waited for. One call at a time. */
  write(chunk: Uint8Array): Promise<void> | undefined {
    const at = this.#parser.allocate(chunk.byteLength);
    this.#parser.bytes.set(chunk, at);
    return this.#run("htmlrewriter_write", this.#pointer, at, chunk.byteLength);
  }

  end(): Promise<void> | undefined {
    return this.#run("htmlrewriter_end", this.#pointer);
  }

  /** While a handler runs: the sink gets what came out before. */
  flush(): void {
    this.#parser.flush();
  }

  free(): void {
    this.#parser.exports.__wbg_htmlrewriter_free(this.#pointer);
  }

  #run(entry: Entry, ...args: number[]): Promise<void> | undefined {
    this.#parser.ensureStack(this.#stackBytes);
    const pending = this.#parser.run(this.#sink, this.#stack, entry, ...args);
    return pending === undefined ? undefined : this.#resume(pending, entry);
  }

  async #resume(first: PromiseLike<unknown>, entry: Entry): Promise<void> {
    let pending: PromiseLike<unknown> | undefined = first;
    while (pending !== undefined) {
      await pending;
      pending = this.#parser.resume(this.#sink, this.#stack, entry);
    }
  }
}
