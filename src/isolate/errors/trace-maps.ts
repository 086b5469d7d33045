/**
 * Parses source maps and asks them; apart from source-maps.ts, because only stacks that are shown need it
 * (scripts/late-groups.js).
 */
import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";

export type ParsedMap = TraceMap;

/** Throws for what is no map. `identifier`: the module that it is of. */
export function parseMap(text: string, identifier: string): ParsedMap {
  return new TraceMap(text, identifier);
}

/** `line` from 1, `column` from 0. */
export function positionIn(
  map: ParsedMap,
  line: number,
  column: number,
): ReturnType<typeof originalPositionFor> {
  return originalPositionFor(map, { line, column });
}
