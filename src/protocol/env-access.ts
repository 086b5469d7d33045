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
  /** Of the bindings to Durable Objects the key of the class, by binding: ids are computed where they are asked for. */
  readonly objects: Readonly<Record<string, string>>;
}

/** What stands for one object of a class. */
export interface ObjectName {
  readonly name?: string;
  /** 64 hexadecimal digits. */
  readonly id?: string;
}

/** An alarm that ran because a test's clock went on. */
export interface FiredAlarm {
  readonly className: string;
  readonly id: string;
  readonly name: string | undefined;
  /** For when it was set; ms since the epoch. */
  readonly scheduledTime: number;
  /** "exception": it will be tried again, at most six times. */
  readonly outcome: "ok" | "exception";
}

/** The Durable Objects that a Worker runs, beside `env` (src/runtime/bindings/object-access.ts). */
export interface ObjectAccess {
  objectIds(className: string): readonly string[] | Promise<readonly string[]>;
  /** Ends the object in memory when it has nothing to do; false if it does not live. */
  evictObject(className: string, object: ObjectName): Promise<boolean>;
  /** Runs SQL on its storage, behind its input gate; rows as `toArray()` gives them. */
  execSql(
    className: string,
    object: ObjectName,
    sql: string,
    params: readonly unknown[],
  ): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Runs its alarm now; false if none is set. */
  runAlarm(className: string, object: ObjectName): Promise<boolean>;
  /** ms until the next alarm of any object is due; null: none is set. */
  nextAlarm(): Promise<number | null>;
  /** The alarms' clock goes on; resolves when what was due has run. */
  advance(ms: number): Promise<readonly FiredAlarm[]>;
}
