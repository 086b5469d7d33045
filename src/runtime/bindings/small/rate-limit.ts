/**
 * `env.LIMIT` (spec/resources.md 10): checks options here as production does, counts in the storage
 * thread (resources/rate-limits).
 */
import { requireInvocation } from "../../../isolate/invocation.ts";
import type { ResourceSettings } from "../../../protocol/worker-spec.ts";
import { serviceOnlyRpc } from "../../../rpc/error-texts.ts";
import { refuseCloning } from "../clone-refusals.ts";
import type { BindingFlags, ResourceCaller } from "../resource.ts";

const FIELDS: ReadonlySet<string> = new Set(["key", "limit", "period", "delta"]);
const PERIODS: ReadonlySet<number> = new Set([10, 60]);
const MAX_DELTA: number = 2 ** 32 - 1;

/** What `fetcher` of a binding stands for. */
const callers: WeakMap<object, ResourceCaller> = new WeakMap();

/** Stands for a stub of the counters. */
class Fetcher {}

class Ratelimit {
  readonly fetcher: object;
  readonly limitVal: number;
  readonly period: number;

  constructor(fetcher: object, limit: number, period: number) {
    this.fetcher = fetcher;
    this.limitVal = limit;
    this.period = period;
  }

  async limit(given: unknown): Promise<{ readonly success: boolean }> {
    const ask = askOf(given, this.limitVal, this.period);
    requireInvocation("ratelimit.limit");
    const call = callers.get(this.fetcher);
    if (call === undefined) throw new TypeError("This rate limit has no counters.");
    return { success: await call<boolean>("take", ask) };
  }
}

export function createRateLimit(
  call: ResourceCaller,
  _flags: BindingFlags,
  { limit, period }: ResourceSettings,
): Ratelimit {
  const fetcher = Object.freeze(new Fetcher());
  callers.set(fetcher, call);
  refuseCloning(fetcher, serviceOnlyRpc);
  return new Ratelimit(fetcher, Number(limit), Number(period));
}

interface Ask {
  readonly key: string;
  readonly limit: number;
  readonly period: number;
  readonly delta: number;
}

function askOf(given: unknown, defaultLimit: number, defaultPeriod: number): Ask {
  if (typeof given !== "object" || given === null) throw new Error("invalid rate limit options");
  const unknown = Object.keys(given).filter((name) => !FIELDS.has(name));
  if (unknown.length > 0) throw new Error(`bad rate limit options: [${unknown.join(",")}]`);
  const {
    key = "",
    limit = defaultLimit,
    period = defaultPeriod,
    delta = 1,
  } = given as Readonly<Record<string, unknown>>;
  if (typeof key !== "string") throw new Error(`invalid key: ${key as string}`);
  if (typeof limit !== "number") throw new Error(`limit must be a number: ${limit as string}`);
  if (typeof period !== "number") throw new Error(`period must be a number: ${period as string}`);
  if (!PERIODS.has(period)) throw new Error(`unsupported period: ${period}`);
  return { key, limit, period, delta: deltaOf(delta) };
}

function deltaOf(value: unknown): number {
  const number = Math.trunc(Number(value)) || 0;
  if (number > MAX_DELTA) {
    throw new TypeError(`Value out of range. Must be less than or equal to ${MAX_DELTA}.`);
  }
  if (number < 0) {
    throw new TypeError(
      "The value cannot be converted because it is negative and this API expects a positive number.",
    );
  }
  if (number === 0) throw new RangeError("delta must be non-zero");
  return number;
}
