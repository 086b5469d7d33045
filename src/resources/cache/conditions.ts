/** `If-None-Match` and `If-Modified-Since` of a request for a cached response (spec/resources.md 9). Pure. */
import type { CacheAsk } from "../../protocol/cache.ts";
import type { HeaderList } from "./policy.ts";

/** The only form of a date that counts: `Sun, 06 Nov 1994 08:49:37 GMT`. */
const DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** True: the caller has what is stored. */
export function isNotModified(ask: CacheAsk, headers: HeaderList): boolean {
  const headerOf = (name: string): string | undefined => headers.find(([key]) => key === name)?.[1];
  const etag = headerOf("etag");
  if (ask.ifNoneMatch !== undefined && etag !== undefined) {
    const wanted = ask.ifNoneMatch.trim();
    if (wanted === "*") return true;
    if (strongEtags(wanted).includes(strongEtags(etag)[0] ?? "")) return true;
  }
  const modified = headerOf("last-modified");
  if (ask.ifModifiedSince === undefined || modified === undefined) return false;
  if (!DATE.test(ask.ifModifiedSince) || !DATE.test(modified)) return false;
  return Date.parse(modified) <= Date.parse(ask.ifModifiedSince);
}

/** The quoted parts: weak ones compare like strong ones. */
function strongEtags(list: string): string[] {
  return list.match(/"[^"]*"/g) ?? [];
}
