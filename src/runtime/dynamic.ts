/**
 * What is different in the thread of a dynamic Worker (spec/resources.md 13): its `env` comes from its
 * loader, and so does what it may reach of the world. Loaded by load-worker.ts for such a Worker only.
 */
import { setShownRoot } from "../isolate/errors/source-maps.ts";
import type { DynamicOutbound, DynamicSpec } from "../protocol/dynamic.ts";
import type { ServiceChannel } from "../rpc/contract.ts";
import type { RpcEngine } from "../rpc/engine.ts";
import { type Outbound, setOutbound } from "../web/http/outbound.ts";
import type { Request } from "../web/http/request.ts";
import type { Response } from "../web/http/response.ts";
import type { CacheSurroundings } from "../web/scope/caches.ts";
import { openService } from "./bindings/connect.ts";
import type { Env } from "./bindings/env.ts";
import { BUNDLE_ROOT } from "./loader/url-registry.ts";

const NO_INTERNET =
  "This worker is not permitted to access the internet via global functions like fetch(). It must use capabilities (such as bindings in 'env') to talk to the outside world.";

export interface DynamicParts {
  readonly env: Env;
  /** What `process.env` shows. */
  readonly processEnv: () => Record<string, string>;
  /** Those that hear of its invocations. */
  readonly tails: readonly ServiceChannel[];
  readonly caches: CacheSurroundings;
}

/**
 * Called once, before there is a global scope. `newModuleRegistry`: names of modules in stacks are
 * URLs.
 */
export function createDynamic(
  spec: DynamicSpec,
  engine: RpcEngine,
  newModuleRegistry: boolean,
): DynamicParts {
  setShownRoot(BUNDLE_ROOT, newModuleRegistry ? BUNDLE_ROOT : "");
  const { outbound, tails = [] } = spec;
  if (outbound !== "inherit") setOutbound(createOutbound(outbound, engine));
  const env: Env = { ...(engine.unpack(spec.env) as Env) };
  return {
    env,
    processEnv: () => shownByProcess(env),
    tails: tails.map((packed) => channelOf(engine, engine.unpack(packed))),
    caches: {
      open: () => () => Promise.reject(new Error("No Cache was configured")),
      warn: () => {},
    },
  };
}

/** Strings, and other values as JSON, if they have any. */
function shownByProcess(env: Env): Record<string, string> {
  const shown: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    const text = typeof value === "string" ? value : jsonOf(value);
    if (text !== undefined) shown[name] = text;
  }
  return shown;
}

function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    // A BigInt, or a cycle.
    return undefined;
  }
}

const refuse = (): never => {
  throw new Error(NO_INTERNET);
};

const NOWHERE: Outbound = {
  fetch: () => Promise.reject(new Error(NO_INTERNET)),
  connect: refuse,
  assertOpen: refuse,
};

interface Fetcher {
  fetch(request: Request): Promise<Response>;
}

function createOutbound(
  outbound: Exclude<DynamicOutbound, "inherit">,
  engine: RpcEngine,
): Outbound {
  if (outbound === "none") return NOWHERE;
  const stub = engine.unpack(outbound.stub);
  const channel = channelOf(engine, stub);
  return {
    fetch: (request) => (stub as Fetcher).fetch(request),
    connect: (address, events) => openService(engine, channel, address, events),
    assertOpen: () => {},
  };
}

function channelOf(engine: RpcEngine, stub: unknown): ServiceChannel {
  const channel = engine.channelOf(stub);
  if (channel === undefined) throw new Error("What should be a stub is none.");
  return channel;
}
