/**
 * Which responses a cache keeps, for how long and with which headers (spec/resources.md 9): the rules
 * of a shared cache as `http-cache-semantics` has them, and production's for cookies. Pure.
 */
import CachePolicy from "http-cache-semantics";
import type { CachePut } from "../../protocol/cache.ts";

export type HeaderList = readonly (readonly [name: string, value: string])[];

export interface Kept {
  /** Milliseconds. */
  readonly lifetime: number;
  /** In lower case, each name once. */
  readonly headers: HeaderList;
}

/** A directive that lets everything be stored but the cookies. */
const PRIVATE_COOKIE = /private=set-cookie/i;

/** `size`: bytes of the body. Undefined: the response is not to be kept. */
export function keepsResponse(
  { status, headers: wire, isAuthorized }: Omit<CachePut, "body">,
  size: number,
): Kept | undefined {
  // No hit of it could tell that there is no body.
  if (status === 204) return undefined;
  const headers = fieldsOf(wire);
  const control = headers["cache-control"];
  if (control !== undefined && PRIVATE_COOKIE.test(control)) {
    headers["cache-control"] = control.replace(PRIVATE_COOKIE, "");
    delete headers["set-cookie"];
  }
  if (headers["set-cookie"] !== undefined) return undefined;
  headers["content-length"] = String(size);
  const policy = new CachePolicy(
    // What the request itself says of caching does not count.
    { method: "GET", headers: isAuthorized ? { authorization: "yes" } : {} },
    { status, headers },
    { shared: true },
  );
  const lifetime = Math.floor((policy.maxAge() - policy.age()) * 1000);
  if (!policy.storable() || lifetime <= 0) return undefined;
  const kept = Object.entries(policy.responseHeaders());
  return { lifetime, headers: kept.map(([name, value]) => [name, String(value)]) };
}

/** By name, in lower case; of equal names the values are joined. */
function fieldsOf(wire: string): Record<string, string> {
  const parts = wire === "" ? [] : wire.split("\n");
  const fields = new Map<string, string>();
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const name = String(parts[i]).toLowerCase();
    const before = fields.get(name);
    const value = parts[i + 1] as string;
    fields.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  fields.delete("content-length");
  return Object.fromEntries([...fields].sort(([a], [b]) => (a < b ? -1 : 1)));
}
