/** Whether an object is wanted: `onlyIf` of get and put, and HTTP's headers (spec/resources.md 5.3). Pure. */
import type { R2Conditional, R2Etag, R2Head } from "../../protocol/r2.ts";

/** `object` undefined: there is none, which only `put` asks about. */
export function isWanted(
  conditional: R2Conditional | undefined,
  object: Pick<R2Head, "etag" | "uploaded"> | undefined,
): boolean {
  if (conditional === undefined) return true;
  const { etagMatches, etagDoesNotMatch, uploadedBefore, uploadedAfter } = conditional;
  if (object === undefined) return etagMatches === undefined && uploadedAfter === undefined;
  const { etag } = object;
  const cut = (time: number): number =>
    conditional.secondsGranularity ? Math.floor(time / 1000) : time;
  const uploaded = cut(object.uploaded);
  const matches = etagMatches?.some((wanted) => isSame(wanted, etag, false));
  const differs = etagDoesNotMatch?.every((unwanted) => !isSame(unwanted, etag, true));
  return (
    matches !== false &&
    differs !== false &&
    (uploadedAfter === undefined || uploaded > cut(uploadedAfter) || differs === true) &&
    (uploadedBefore === undefined || uploaded < cut(uploadedBefore) || matches === true)
  );
}

function isSame({ type, value }: R2Etag, etag: string, weakCounts: boolean): boolean {
  if (type === "wildcard") return true;
  return value === etag && (type === "strong" || weakCounts);
}
