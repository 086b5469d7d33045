/**
 * Enough types for this project, without a download. For all of the platform's types install
 * @cloudflare/workers-types, put it into "types" of tsconfig.json, and delete this file.
 */
declare module "cloudflare:workers" {
  /** Base of classes whose methods other Workers call through a service binding. */
  export abstract class WorkerEntrypoint<Env = unknown, Props = unknown> {
    protected readonly env: Env;
    protected readonly ctx: ExecutionContext<Props>;
    fetch?(request: Request): Response | Promise<Response>;
  }

  /** Base of objects that are passed by reference between Workers. */
  export abstract class RpcTarget {}
}

interface ExecutionContext<Props = unknown> {
  readonly props: Props;
  waitUntil(promise: Promise<unknown>): void;
  passThroughOnException(): void;
}

/** A service binding to the entrypoint class `T`: its methods, each returning a promise, and `fetch`. */
type Service<T extends abstract new (...args: never[]) => object> = {
  fetch(input: Request | URL | string, init?: RequestInit): Promise<Response>;
} & {
  [Method in Exclude<
    keyof InstanceType<T>,
    "fetch"
  >]: InstanceType<T>[Method] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Awaited<Result>>
    : Promise<Awaited<InstanceType<T>[Method]>>;
};
