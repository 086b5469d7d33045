/**
 * Objects of the platform inside of stored values: what the real runtime writes of each after V8's
 * mark of a host object (spec/durable-objects.md 11; recorded in test/parity/objects/bytes.json).
 * Read by value-reader.ts, written by value-writer.ts.
 */
import type { EncodedRequest, EncodedResponse } from "../../web/value-types.ts";

/** The number that a host object begins with. */
export const Tag = {
  headers: 4,
  request: 5,
  response: 6,
  domException: 8,
  error: 10,
  blob: 15,
} as const;

/** The class of an error by number; 0: another one, by name. Those of WebAssembly are only read. */
export const ERROR_KINDS: readonly string[] = [
  "",
  "Error",
  "TypeError",
  "RangeError",
  "ReferenceError",
  "SyntaxError",
  "CompileError",
  "LinkError",
  "RuntimeError",
  "SuspendError",
  "EvalError",
  "URIError",
  "AggregateError",
  "SuppressedError",
];
export const WASM_KINDS: ReadonlySet<number> = new Set([6, 7, 8, 9]);

/** Who may change Headers: nobody (those of a redirect or of an event), or whoever has them. */
export const Guard = { immutable: 0, none: 3 } as const;

export type HostObject =
  | { readonly type: "error"; readonly name: string; readonly message: string; props: object }
  | {
      readonly type: "dom-exception";
      readonly name: string;
      readonly message: string;
      readonly stack: string;
    }
  | { readonly type: "headers"; readonly guard: number; readonly wire: string }
  | { readonly type: "request"; readonly data: EncodedRequest }
  | { readonly type: "response"; readonly data: EncodedResponse }
  | { readonly type: "blob"; readonly mime: string; readonly bytes: Uint8Array };

/**
 * What follows the URL of a Request, in this order: what is as it is by default stands for itself as
 * undefined.
 */
export interface StoredRequest {
  readonly method: string | undefined;
  readonly headers: object;
  readonly body: null;
  readonly redirect: "manual" | undefined;
  readonly fetcher: undefined;
  readonly cf: unknown;
  readonly cache: string | undefined;
  readonly integrity: undefined;
  readonly signal: undefined;
  readonly encodeResponseBody: "manual" | undefined;
}

/** What follows the body of a Response, which is null. */
export interface StoredResponse {
  readonly status: number | undefined;
  readonly statusText: string | undefined;
  readonly headers: object;
  readonly cf: unknown;
  readonly webSocket: undefined;
  readonly encodeBody: "manual" | undefined;
}
