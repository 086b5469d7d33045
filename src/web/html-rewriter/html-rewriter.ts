/**
 * The Worker's `HTMLRewriter` (spec/platform.md 12): handlers by selector, applied to as many responses as
 * one likes. The parser is loaded when the first selector is named.
 */
import { ioOwner } from "../../isolate/invocation.ts";
import { peekBody, takeBody } from "../http/body.ts";
import { headersToWire } from "../http/headers.ts";
import { createResponse, isResponse, type Response, responseState } from "../http/response.ts";
import { defineInterface } from "../interfaces/define-interface.ts";
import { wrongField, wrongParameter } from "../streams/arguments.ts";
import { isLocked, isReadableStream } from "../streams/byte-streams.ts";
import { assertSelector, type HandlerSet, lockedError, transformBody } from "./transform.ts";

const ELEMENT_HANDLERS = ["element", "comments", "text"] as const;
const DOCUMENT_HANDLERS = ["doctype", "comments", "text", "end"] as const;

let isRewriter: (value: object) => boolean;

export class HTMLRewriter {
  readonly #handlers: HandlerSet[] = [];

  static {
    isRewriter = (value) => #handlers in value;
  }

  on(...args: unknown[]): this {
    if (args.length === 0) throw wrongParameter("on", "HTMLRewriter", 1, "string");
    const selector = `${args[0]}`;
    if (!isDictionary(args, 1)) {
      throw wrongParameter("on", "HTMLRewriter", 2, "ElementContentHandlers");
    }
    const set = { selector, ...handlersOf(args[1], ELEMENT_HANDLERS, "ElementContentHandlers") };
    assertSelector(selector);
    this.#handlers.push(set);
    return this;
  }

  onDocument(...args: unknown[]): this {
    if (!isDictionary(args, 0)) {
      throw wrongParameter("onDocument", "HTMLRewriter", 1, "DocumentContentHandlers");
    }
    const handlers = handlersOf(args[0], DOCUMENT_HANDLERS, "DocumentContentHandlers");
    this.#handlers.push({ selector: undefined, ...handlers });
    return this;
  }

  transform(response?: unknown): Response {
    if (!isResponse(response)) {
      throw wrongParameter("transform", "HTMLRewriter", 1, "Response");
    }
    if (response.type === "error") {
      throw new TypeError("HTMLRewriter cannot transform an error response");
    }
    if (response.bodyUsed) throw lockedError();
    const state = responseState(response);
    const { headers } = state;
    const wire = typeof headers === "string" ? headers : headersToWire(headers);
    return createResponse({
      ...state,
      guard: "response",
      headers: wire,
      body: this.#transformBody(response),
    });
  }

  #transformBody(response: Response): HandlerBody {
    const type = response.headers.get("content-type");
    assertUnlocked(response);
    const body = takeBody(response);
    if (body !== null) ioOwner();
    return body === null ? null : transformBody(body, type, [...this.#handlers]);
  }
}
defineInterface(HTMLRewriter, "HTMLRewriter", { brand: isRewriter });

type HandlerBody = ReturnType<typeof transformBody> | null;

/** null and undefined count as empty, but one of the two has to be there. */
function isDictionary(args: readonly unknown[], at: number): boolean {
  if (args.length <= at) return false;
  const value = args[at];
  return value === undefined || typeof value === "object" || typeof value === "function";
}

function handlersOf(
  given: unknown,
  names: readonly (keyof HandlerSet)[],
  dictionary: string,
): Omit<HandlerSet, "selector"> {
  const self = given ?? {};
  const handlers: Record<string, unknown> = { self };
  for (const name of names) {
    const handler: unknown = Reflect.get(self as object, name);
    if (handler === undefined) continue;
    if (typeof handler !== "function") throw wrongField(name, dictionary, "function");
    handlers[name] = handler;
  }
  return handlers as unknown as Omit<HandlerSet, "selector">;
}

function assertUnlocked(response: Response): void {
  const source = peekBody(response);
  if (isReadableStream(source) && isLocked(source)) throw lockedError();
}
