/** What the Cache API in a Worker's thread and its store in the storage thread tell each other; plain data. */

/** A response to be stored. `headers` as in protocol/http.ts: `name\nvalue\n...`. */
export interface CachePut {
  readonly status: number;
  readonly headers: string;
  readonly body: null | string | Uint8Array | object;
  /** The request has an Authorization header. */
  readonly isAuthorized: boolean;
}

/** Headers of a request that choose what of a hit is wanted; absent ones are undefined. */
export interface CacheAsk {
  readonly ifNoneMatch?: string;
  readonly ifModifiedSince?: string;
  readonly range?: string;
}

/** `body`: null where there can be none, small ones whole, others as a stream. */
export interface CacheHit {
  readonly status: number;
  readonly headers: string;
  readonly body: null | Uint8Array<ArrayBuffer> | object;
}
