/**
 * Source maps for clients. A bundle is on no disk, so its map comes as a `data:` URL with the text of
 * every source: what VS Code and DevTools in a browser understand alike. Made when the first client
 * comes to a version, never before.
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import {
  GREATEST_LOWER_BOUND,
  generatedPositionFor,
  LEAST_UPPER_BOUND,
  originalPositionFor,
  TraceMap,
} from "@jridgewell/trace-mapping";
import type { Bundle, BundleModule } from "../../protocol/bundle.ts";
import { moduleUrl } from "../../util/module-url.ts";

/** As the protocol counts: both from 0. */
export interface Place {
  readonly lineNumber: number;
  readonly columnNumber: number;
}

interface OriginalPlace {
  readonly source: string;
  readonly line: number;
  readonly column: number;
}

interface RawMap {
  readonly sources: readonly string[];
  readonly sourcesContent?: readonly (string | null)[];
}

/** How far below a line that has gone code is looked for. */
const LINES_DOWN = 10;

const known: WeakMap<Bundle, Promise<ScriptMaps>> = new WeakMap();

/** The maps of one version of a Worker. */
export class ScriptMaps {
  /** By URL of the script. */
  readonly #scripts: Map<string, { readonly dataUrl: string; readonly map: TraceMap }> = new Map();

  /** Never rejects: a script without a usable map is shown as it runs. */
  static of(bundle: Bundle): Promise<ScriptMaps> {
    let maps = known.get(bundle);
    if (maps === undefined) {
      maps = read(bundle);
      known.set(bundle, maps);
    }
    return maps;
  }

  add(script: string, text: string): void {
    const dataUrl = `data:application/json;charset=utf-8;base64,${Buffer.from(text).toString("base64")}`;
    this.#scripts.set(script, { dataUrl, map: new TraceMap(text, script) });
  }

  /** What `scriptParsed` names as the map of this script. */
  dataUrl(script: string): string | undefined {
    return this.#scripts.get(script)?.dataUrl;
  }

  scripts(): string[] {
    return [...this.#scripts.keys()];
  }

  original(script: string, { lineNumber, columnNumber }: Place): OriginalPlace | undefined {
    const map = this.#scripts.get(script)?.map;
    if (map === undefined) return undefined;
    const needle = { line: lineNumber + 1, column: columnNumber };
    let found = originalPositionFor(map, { ...needle, bias: GREATEST_LOWER_BOUND });
    if (found.source === null) {
      found = originalPositionFor(map, { ...needle, bias: LEAST_UPPER_BOUND });
    }
    if (found.source === null) return undefined;
    return { source: found.source, line: found.line, column: found.column };
  }

  /** Where code of this place runs; of a line without code the next one that has some. */
  generated(script: string, place: OriginalPlace): Place | undefined {
    const map = this.#scripts.get(script)?.map;
    if (map === undefined || !map.sources.includes(place.source)) return undefined;
    for (let line = place.line; line < place.line + LINES_DOWN; line += 1) {
      // On another line the column says nothing.
      const column = line === place.line ? place.column : 0;
      for (const bias of [GREATEST_LOWER_BOUND, LEAST_UPPER_BOUND] as const) {
        const found = generatedPositionFor(map, { source: place.source, line, column, bias });
        if (found.line !== null) return { lineNumber: found.line - 1, columnNumber: found.column };
      }
    }
    return undefined;
  }
}

async function read(bundle: Bundle): Promise<ScriptMaps> {
  const maps = new ScriptMaps();
  const entry = bundle.modules[0]?.name ?? "";
  for (const module of bundle.modules) {
    const text = await withContents(module);
    if (text !== undefined) maps.add(moduleUrl(module.name, entry), text);
  }
  return maps;
}

async function withContents({ sourceMap }: BundleModule): Promise<string | undefined> {
  if (sourceMap === undefined) return undefined;
  try {
    // JSON.parse takes no shared memory.
    const text = Buffer.from(new Uint8Array(sourceMap)).toString("utf8");
    const map = JSON.parse(text) as RawMap;
    if (map.sourcesContent !== undefined) return text;
    const sourcesContent = await Promise.all(map.sources.map(textOf));
    return JSON.stringify({ ...map, sourcesContent });
  } catch {
    return undefined;
  }
}

/** Null: clients look for it themselves. */
async function textOf(source: string): Promise<string | null> {
  if (!source.startsWith("file:")) return null;
  try {
    return await readFile(fileURLToPath(source), "utf8");
  } catch {
    return null;
  }
}
