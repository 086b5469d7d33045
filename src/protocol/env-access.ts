/**
 * The bindings of a Worker as a test's process reaches them (`getEnv()`): an expression over `env` goes
 * to the Worker's thread, is evaluated there, and its result comes back by RPC. What only lives there
 * (a statement, an object of a bucket, an id) stays, and is named.
 */

/** In place of an entrypoint's name: no export can be called so. */
export const ENV_ENTRYPOINT = "drover:env";

export type EnvStep =
  | { readonly get: string }
  /** What came before is called, on the object that it was read from. */
  | { readonly call: readonly unknown[] };

/** An expression. */
export interface EnvExpression {
  /** Of something that stayed in the thread; absent: `env`. */
  readonly on?: number;
  readonly steps: readonly EnvStep[];
}

/** Where an argument stands for an expression, this is its only key. */
export const EXPRESSION = "drover:expression";
/** The same of a result that stayed in the thread: StayedValue. */
export const STAYED = "drover:stayed";

export interface StayedValue {
  readonly id: number;
  /** What can be read of it as it is. */
  readonly shown: Readonly<Record<string, unknown>>;
}

/** What `getEnv` begins with. */
export interface EnvNames {
  /** Variables and secrets. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly bindings: readonly string[];
}
