/**
 * Where a request's trace starts: its id says which request of which Worker it was, so that every
 * Worker that it reaches can name it in its log. Lives in the Worker's thread.
 */
import { requestTraceId, rootSpanId } from "../../isolate/request-spans.ts";
import type { InvocationBudget, TraceInfo } from "../../rpc/contract.ts";

/** Of a request from the front door. Its ids are only made when a call or a line carries them on. */
export class RequestTrace implements TraceInfo {
  readonly depth = 0;
  readonly isRoot = true;
  readonly spanId: string | undefined;
  readonly sampled: boolean | undefined;
  readonly budget: InvocationBudget = { invocations: 1, warned: false };
  readonly #prefix: string;
  readonly #id: number;
  readonly #method: string;
  readonly #url: string;
  readonly #headers: string;
  #requestId: string | undefined;
  #traceId: string | undefined;

  /** `prefix`: `<worker>-<generation>-`. `headers`: as in protocol/http.ts. */
  constructor(prefix: string, id: number, method: string, url: string, headers = "") {
    const spanId = rootSpanId();
    this.spanId = spanId === "" ? undefined : spanId;
    this.sampled = spanId === undefined ? undefined : spanId !== "";
    this.#prefix = prefix;
    this.#id = id;
    this.#method = method;
    this.#url = url;
    this.#headers = headers;
  }

  /** E.g. `web-1-17 GET /login`. */
  get requestId(): string {
    this.#requestId ??= `${this.#prefix}${this.#id} ${this.name}`;
    return this.#requestId;
  }

  get traceId(): string | undefined {
    this.#traceId ??= requestTraceId(this.#id, this.#headers);
    return this.#traceId;
  }

  /** `GET /login` */
  get name(): string {
    return `${this.#method} ${pathOf(this.#url)}`;
  }
}

/** "(called by web, GET /login)", with the request's own Worker if another one called. */
export function calledBy(caller: string, requestId: string): string {
  const [, worker, request] = /^(.*)-\d+-\d+ (.*)$/.exec(requestId) ?? [];
  if (worker === undefined || request === undefined) return `(called by ${caller})`;
  // Over a socket the caller has no name: the request's Worker is the better one.
  if (caller === worker || caller === "another process") return `(called by ${worker}, ${request})`;
  return `(called by ${caller}, ${request} of ${worker})`;
}

function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("//") + 2);
  const path = start === -1 ? "/" : url.slice(start);
  return path.split("?", 1)[0] as string;
}
