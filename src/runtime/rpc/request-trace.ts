/**
 * Where a request's trace starts: its id says which request of which Worker it was, so that every
 * Worker that it reaches can name it in its log. Lives in the Worker's thread.
 */
import { requestTraceId, rootSpanId } from "../../isolate/request-spans.ts";
import type { InvocationBudget, TraceInfo } from "../../rpc/contract.ts";

/** Of a request from the front door. The id is only made when a call carries it on. */
export class RequestTrace implements TraceInfo {
  readonly depth = 0;
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
  readonly budget: InvocationBudget = { invocations: 1, warned: false };
  readonly #prefix: string;
  readonly #id: number;
  readonly #method: string;
  readonly #url: string;
  #requestId: string | undefined;

  /** `prefix`: `<worker>-<generation>-`. `headers`: as in protocol/http.ts. */
  constructor(prefix: string, id: number, method: string, url: string, headers = "") {
    this.traceId = requestTraceId(id, headers);
    this.spanId = this.traceId === undefined ? undefined : rootSpanId();
    this.#prefix = prefix;
    this.#id = id;
    this.#method = method;
    this.#url = url;
  }

  /** E.g. `web-1-17 GET /login`. */
  get requestId(): string {
    this.#requestId ??= `${this.#prefix}${this.#id} ${this.name}`;
    return this.#requestId;
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
