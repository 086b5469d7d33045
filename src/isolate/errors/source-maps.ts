/**
 * Positions of the bundle back to positions in the sources (spikes.md S12). Maps are parsed at the
 * first stack that needs them and stay where the host put them (shared memory) until then. Nothing
 * here throws: a bad map means unmapped positions.
 */
import { nodeUrl } from "../../util/late-modules.ts";
import { type ParsedMap, parseMap, positionIn } from "./trace-maps.ts";

export interface SourcePosition {
  /** Path for files, else what the map says. */
  readonly source: string;
  readonly line: number;
  readonly column: number;
  readonly name: string | null;
}

const unparsed = new Map<string, Uint8Array>();
const parsed = new Map<string, ParsedMap | null>();

/** Make positions in the module that V8 knows as `identifier` (its URL) resolvable. */
export function registerSourceMap(identifier: string, map: Uint8Array): void {
  unparsed.set(identifier, map);
  parsed.delete(identifier);
}

/** Names of the modules that have a map. */
export function mappedModules(): Iterable<string> {
  return unparsed.keys();
}

/** `line` and `column` as V8 counts them: from 1. Undefined when nothing is known. */
export function sourcePosition(
  identifier: string,
  line: number,
  column: number,
): SourcePosition | undefined {
  const map = traceMap(identifier);
  if (map === null) return undefined;
  const found = positionIn(map, line, Math.max(0, column - 1));
  if (found.source === null) return undefined;
  return {
    source: displayPath(found.source),
    line: found.line,
    column: found.column + 1,
    name: found.name,
  };
}

let shownRoot: { readonly root: string; readonly shown: string } | undefined;

/** Modules below the URL `root` are shown with `shown` in its place. */
export function setShownRoot(root: string, shown: string): void {
  shownRoot = { root, shown };
}

/** A file URL as a path, anything else as it is. */
export function displayPath(identifier: string): string {
  if (shownRoot !== undefined && identifier.startsWith(shownRoot.root)) {
    return shownRoot.shown + identifier.slice(shownRoot.root.length);
  }
  if (!identifier.startsWith("file:///")) return identifier;
  try {
    return nodeUrl().fileURLToPath(identifier);
  } catch {
    return identifier;
  }
}

function traceMap(identifier: string): ParsedMap | null {
  const known = parsed.get(identifier);
  if (known !== undefined) return known;
  const bytes = unparsed.get(identifier);
  if (bytes === undefined) return null;
  let map: ParsedMap | null = null;
  try {
    // TextDecoder refuses shared memory.
    const text = Buffer.from(new Uint8Array(bytes)).toString("utf8");
    map = parseMap(text, identifier);
  } catch {
    // The Worker runs all the same.
  }
  parsed.set(identifier, map);
  return map;
}
