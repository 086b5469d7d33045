/**
 * `caches` without a cache behind it: lookups miss, `put` checks its arguments as production does and
 * stores nothing, and the first `put` says so in the log. Nothing is faked.
 */

import { ioOwner } from "../../isolate/invocation.ts";
import { isRequest, Request } from "../http/request.ts";
import type { Response } from "../http/response.ts";
import { defineInterface } from "../interfaces/define-interface.ts";

type CacheKey = Request | string | URL;

const INTERNAL: unique symbol = Symbol("internal");

/** Tells the developer once that nothing is stored. */
type Warn = () => void;

export class Cache {
  readonly #warn: Warn;

  constructor(key?: unknown, warn?: Warn) {
    if (key !== INTERNAL) throw new TypeError("Illegal constructor");
    this.#warn = warn as Warn;
  }

  async match(key: CacheKey, _options?: object): Promise<Response | undefined> {
    ioOwner();
    toRequest(key);
    return undefined;
  }

  async put(key: CacheKey, response: Response): Promise<void> {
    ioOwner();
    if (toRequest(key).method !== "GET") {
      throw new TypeError("Cannot cache response to non-GET request.");
    }
    if (response.status === 206) {
      throw new TypeError("Cannot cache response to a range request (206 Partial Content).");
    }
    if (response.headers.get("vary")?.includes("*")) {
      throw new TypeError("Cannot cache response with 'Vary: *' header.");
    }
    this.#warn();
    await response.body?.cancel();
  }

  async delete(key: CacheKey, _options?: object): Promise<boolean> {
    ioOwner();
    toRequest(key);
    return false;
  }

  // Present in production's surface, where they refuse as well.
  async add(): Promise<never> {
    throw notImplemented("Cache", "add");
  }
  async addAll(): Promise<never> {
    throw notImplemented("Cache", "addAll");
  }
  async keys(): Promise<never> {
    throw notImplemented("Cache", "keys");
  }
  async matchAll(): Promise<never> {
    throw notImplemented("Cache", "matchAll");
  }
}
defineInterface(Cache, "Cache");

export class CacheStorage {
  readonly #warn: Warn;
  readonly default: Cache;

  constructor(key?: unknown, warn?: Warn) {
    if (key !== INTERNAL) throw new TypeError("Illegal constructor");
    this.#warn = warn as Warn;
    this.default = new Cache(INTERNAL, this.#warn);
  }

  async open(_name: string): Promise<Cache> {
    return new Cache(INTERNAL, this.#warn);
  }

  async delete(): Promise<never> {
    throw notImplemented("CacheStorage", "delete");
  }
  async has(): Promise<never> {
    throw notImplemented("CacheStorage", "has");
  }
  async keys(): Promise<never> {
    throw notImplemented("CacheStorage", "keys");
  }
  async match(): Promise<never> {
    throw notImplemented("CacheStorage", "match");
  }
}
defineInterface(CacheStorage, "CacheStorage");

/** `warn` is called at the first put. */
export function createCacheStorage(warn: (text: string) => void): CacheStorage {
  let warned = false;
  return new CacheStorage(INTERNAL, () => {
    if (warned) return;
    warned = true;
    warn("drover does not simulate the Cache API yet: cache.put() stores nothing, match() misses.");
  });
}

function toRequest(key: CacheKey): Request {
  return isRequest(key) ? key : new Request(key);
}

function notImplemented(on: string, method: string): Error {
  return new Error(`Failed to execute '${method}' on '${on}': the method is not implemented.`);
}
