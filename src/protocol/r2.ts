/** What an R2 binding and its bucket in the storage thread tell each other; plain data. */

/** `cacheExpiry` in milliseconds since 1970. */
export interface R2HttpMetadata {
  readonly contentType?: string;
  readonly contentLanguage?: string;
  readonly contentDisposition?: string;
  readonly contentEncoding?: string;
  readonly cacheControl?: string;
  readonly cacheExpiry?: number;
}

export interface R2Head {
  readonly key: string;
  readonly version: string;
  readonly size: number;
  readonly etag: string;
  /** Milliseconds since 1970. */
  readonly uploaded: number;
  /** Hex by algorithm: `md5`, `sha1`, ... */
  readonly checksums: Readonly<Record<string, string>>;
  readonly http: R2HttpMetadata;
  readonly custom: Readonly<Record<string, string>>;
}

/** Bytes of an object that are wanted. `header`: of a Range header, which never fails. */
export type R2Range =
  | { readonly offset?: number | undefined; readonly length?: number | undefined }
  | { readonly suffix: number }
  | {
      readonly header: {
        readonly first?: number;
        readonly last?: number;
        readonly suffix?: number;
      };
    };

export interface R2Etag {
  readonly type: "strong" | "weak" | "wildcard";
  readonly value: string;
}

/** Times in milliseconds. */
export interface R2Conditional {
  readonly etagMatches?: readonly R2Etag[] | undefined;
  readonly etagDoesNotMatch?: readonly R2Etag[] | undefined;
  readonly uploadedBefore?: number | undefined;
  readonly uploadedAfter?: number | undefined;
  readonly secondsGranularity: boolean;
}

export interface R2PutOptions {
  readonly http: R2HttpMetadata;
  readonly custom: Readonly<Record<string, string>>;
  readonly onlyIf?: R2Conditional | undefined;
  /** The one that the caller gave, in hex. */
  readonly checksum?: { readonly algorithm: string; readonly hex: string } | undefined;
}

export interface R2Found {
  readonly head: R2Head;
  /** Undefined: the condition does not hold, there is no body. */
  readonly range?: { readonly offset: number; readonly length: number };
  /** Small bodies whole, others as a stream. */
  readonly body?: Uint8Array<ArrayBuffer> | object;
}

export interface R2ListOptions {
  readonly prefix: string;
  readonly delimiter: string;
  /** Keys after this one. */
  readonly after: string;
  readonly limit: number;
}

export interface R2Page {
  readonly objects: readonly R2Head[];
  readonly prefixes: readonly string[];
  /** Last key of the page, if there are more. */
  readonly next: string | undefined;
}

export interface R2Part {
  readonly partNumber: number;
  readonly etag: string;
}
