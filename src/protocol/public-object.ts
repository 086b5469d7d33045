/**
 * An R2 object for an HTTP client of the dev server (spec/resources.md 5.8): the host's main thread asks
 * a storage thread, over a port of this one request. The storage thread answers with a head, then the
 * body if it is a stream, no faster than the host gives credit. A closed port ends it on either side.
 */
import type { MessagePort } from "node:worker_threads";

/** `/cdn-cgi/local/r2/public/<bucket>/<key>` */
export const PUBLIC_OBJECTS_PATH = "/cdn-cgi/local/r2/public";

export interface PublicObjectRequest {
  readonly type: "public-object";
  readonly port: MessagePort;
  /** Undefined: one that nobody binds. */
  readonly bucket: string | undefined;
  readonly key: string;
  readonly method: string;
  /** Those that play a part, with lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
}

export type FromStorage =
  | {
      readonly type: "head";
      readonly status: number;
      /** As protocol/http.ts has headers. */
      readonly headers: string;
      /** A number: a stream of so many bytes follows. */
      readonly body: Uint8Array | number | null;
    }
  | { readonly type: "chunk"; readonly bytes: Uint8Array }
  | { readonly type: "end" }
  | { readonly type: "failed"; readonly message: string };

/** Bytes that the client has taken. */
export type ToStorage = number;

/** Bytes that may be on their way to a client that has not taken them. */
export const PUBLIC_WINDOW: number = 1024 * 1024;
