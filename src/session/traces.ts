/**
 * The trees of traced requests (`--trace`): gathers what threads tell of their calls (protocol/spans.ts)
 * until a request's own invocation is over, asks other sessions for what their Workers did, and tells the
 * whole. Owned by DevSession.
 */
import { SPANS_PATH, type SpanKind, type SpanRecord } from "../protocol/spans.ts";

export interface TraceTree {
  /** The request or event; of the call from outside that began it. */
  readonly root: SpanRecord;
  readonly calls: readonly TraceNode[];
}

/** One call with what it led to, in the order in which they began. */
export interface TraceNode {
  readonly span: SpanRecord;
  readonly calls: readonly TraceNode[];
}

export interface TracesContext {
  /** Undefined: a Worker of this session, or nobody. */
  readonly peerUrl: (service: string, from: string) => string | undefined;
  readonly tell: (tree: TraceTree) => void;
}

/**
 * A callee's records leave its thread before its answer does, and the host tells them before the request's own. What
 * of others is behind has that long; what has arrived by then is read before a tree is told, also where this process
 * got no processor meanwhile: timers come first in a turn.
 */
const GRACE_MS = 50;
/** Of calls whose request is never told: it was another session's. */
const MOST_WAITING = 20_000;
const LEADS_TO_WORKERS: ReadonlySet<SpanKind> = new Set(["rpc", "fetch", "object"]);
/** Sessions call sessions: so far they are followed. */
const MOST_ROUNDS = 8;

export class Traces {
  readonly #context: TracesContext;
  /** By parent. */
  #calls: Map<string, SpanRecord[]> = new Map();
  #waiting = 0;
  readonly #ending: Map<SpanRecord, NodeJS.Timeout> = new Map();

  constructor(context: TracesContext) {
    this.#context = context;
  }

  onSpans(spans: readonly SpanRecord[]): void {
    for (const span of spans) {
      if (span.parent === "") {
        const timer = setTimeout(() => setImmediate(() => void this.#complete(span)), GRACE_MS);
        this.#ending.set(span, timer);
      } else this.#add(span);
    }
  }

  /** The session ends: what is known of ended requests is told. */
  flush(): void {
    for (const [root, timer] of this.#ending) {
      clearTimeout(timer);
      this.#tell(root);
    }
    this.#ending.clear();
  }

  /** Never rejects: a session that does not answer is a tree without its part. */
  async #complete(root: SpanRecord): Promise<void> {
    const asked = new Set<string>();
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const urls = this.#peersOf(root).filter((url) => !asked.has(url));
      if (urls.length === 0) break;
      for (const url of urls) asked.add(url);
      // An HTTP client, which sessions that stay alone need not load.
      const { fetchPage } = await import("./running-sessions.ts");
      const known = new Set(this.#under(root).map(({ id }) => id));
      const pages = await Promise.all(
        urls.map((url) =>
          fetchPage<SpanRecord[]>(url, `${SPANS_PATH}?trace=${root.traceId}`).catch(() => []),
        ),
      );
      for (const span of pages.flat()) {
        if (span.parent !== "" && !known.has(span.id)) this.#add(span);
        known.add(span.id);
      }
    }
    if (this.#ending.delete(root)) this.#tell(root);
  }

  #peersOf(root: SpanRecord): string[] {
    const urls = this.#under(root).flatMap(({ kind, service, worker }) => {
      if (!LEADS_TO_WORKERS.has(kind)) return [];
      return this.#context.peerUrl(service, worker) ?? [];
    });
    return [...new Set(urls)];
  }

  #under({ id }: SpanRecord): SpanRecord[] {
    const found: SpanRecord[] = [];
    const parents = [id];
    for (let parent = parents.pop(); parent !== undefined; parent = parents.pop()) {
      for (const span of this.#calls.get(parent) ?? []) {
        found.push(span);
        parents.push(span.id);
      }
    }
    return found;
  }

  #tell(root: SpanRecord): void {
    this.#context.tell({ root, calls: this.#take(root.id) });
  }

  #take(parent: string): readonly TraceNode[] {
    const spans = this.#calls.get(parent) ?? [];
    if (this.#calls.delete(parent)) this.#waiting -= spans.length;
    const nodes = spans.map((span) => ({ span, calls: this.#take(span.id) }));
    return nodes.sort((a, b) => a.span.startedAt - b.span.startedAt);
  }

  #add(span: SpanRecord): void {
    const siblings = this.#calls.get(span.parent);
    if (siblings === undefined) this.#calls.set(span.parent, [span]);
    else siblings.push(span);
    this.#waiting += 1;
    if (this.#waiting <= MOST_WAITING) return;
    for (const [parent, spans] of this.#calls) {
      this.#calls.delete(parent);
      this.#waiting -= spans.length;
      if (this.#waiting <= MOST_WAITING / 2) return;
    }
  }
}
