/**
 * The counters of a rate limit's namespace in the storage thread (spec/resources.md 10): shared by all
 * bindings and Workers that name it, kept where wrangler keeps them.
 */
import { RATE_LIMIT_SCHEMA } from "../../storage/schemas.ts";
import { naming } from "../failures.ts";
import { Store } from "../store.ts";

export interface LimitAsk {
  readonly key: string;
  readonly limit: number;
  /** Seconds. */
  readonly period: number;
  readonly delta: number;
}

export class RateLimiter {
  readonly #store: Store;

  constructor(root: string, namespace: string) {
    this.#store = new Store({
      root,
      kind: "ratelimit",
      name: namespace,
      setUp: (database) => database.exec(RATE_LIMIT_SCHEMA),
    });
  }

  /** True: there is room in the window of now, and it is taken. */
  take({ key, limit, period, delta }: LimitAsk): boolean {
    const store = this.#store;
    const epoch = Math.floor(Date.now() / 1000 / period);
    return naming(store.path, "Rate limit failed: ", () =>
      store.transaction(() => {
        const row = store
          .statement("SELECT epoch, count FROM _mf_ratelimit_buckets WHERE key = ? AND period = ?")
          .get(key, period);
        const count = row?.[0] === epoch ? (row[1] as number) : 0;
        if (count >= limit) return false;
        store
          .statement(
            "INSERT OR REPLACE INTO _mf_ratelimit_buckets (key, period, epoch, count) VALUES (?, ?, ?, ?)",
          )
          .run(key, period, epoch, count + delta);
        return true;
      }),
    );
  }

  close(): Promise<void> {
    return this.#store.end();
  }
}
