/**
 * `getEnv()`: the bindings of one Worker in the program's process (client/env-proxy.ts). Keeps one session
 * with the thread that serves; a new version of the Worker gets another. Owned by dev-server.ts.
 */
import { createEnvProxy, type EnvAccess } from "../client/env-proxy.ts";
import type { RpcClient } from "../client/rpc-client.ts";
import { ENV_ENTRYPOINT, type ObjectAccess } from "../protocol/env-access.ts";

interface EnvRoot {
  open(): Promise<WorkerAccess>;
}

/** What a thread shows to the tests of its session. */
type WorkerAccess = EnvAccess & ObjectAccess;

export class WorkerEnv {
  readonly #root: EnvRoot;
  readonly #addressOf: () => string | Promise<string>;
  #path: string | undefined;
  #access: Promise<WorkerAccess> | undefined;

  constructor(
    worker: string,
    rpc: RpcClient,
    addressOf: (worker: string) => string | Promise<string>,
  ) {
    this.#root = rpc.stub(worker, ENV_ENTRYPOINT) as EnvRoot;
    this.#addressOf = () => addressOf(worker);
  }

  get(): Promise<Record<string, unknown>> {
    return createEnvProxy(() => this.access());
  }

  /** Of the thread that serves now. */
  async access(): Promise<WorkerAccess> {
    const path = await this.#addressOf();
    if (this.#access === undefined || this.#path !== path) {
      this.#path = path;
      this.#access = this.#root.open();
      // The next use tries again.
      this.#access.catch(() => {
        this.#access = undefined;
      });
    }
    return await this.#access;
  }
}
