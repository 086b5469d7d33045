/**
 * Enough types for this project, without a download. For all of the platform's types install
 * @cloudflare/workers-types, put it into "types" of tsconfig.json, and delete this file.
 */
declare module "cloudflare:workers" {
  /** Base of classes of which there is one object for each name or id. */
  export abstract class DurableObject<Env = unknown> {
    constructor(ctx: DurableObjectState, env: Env);
    protected readonly ctx: DurableObjectState;
    protected readonly env: Env;
    fetch?(request: Request): Response | Promise<Response>;
    alarm?(): void | Promise<void>;
  }
}

interface DurableObjectState {
  readonly storage: DurableObjectStorage;
}

interface DurableObjectStorage {
  readonly sql: {
    exec(query: string, ...bindings: unknown[]): SqlCursor;
  };
  /** `time`: ms since 1970. */
  setAlarm(time: number | Date): Promise<void>;
  deleteAll(): Promise<void>;
}

interface SqlCursor extends Iterable<SqlRow> {
  one(): SqlRow;
  toArray(): SqlRow[];
}

type SqlRow = Record<string, string | number | ArrayBuffer | null>;

/** The objects of the class `T`: their methods, each returning a promise. */
interface DurableObjectNamespace<T extends object> {
  getByName(name: string): {
    [Method in keyof T]: T[Method] extends (...args: infer Args) => infer Result
      ? (...args: Args) => Promise<Awaited<Result>>
      : never;
  };
}
