/**
 * A parsed config file: plain values and the place of every key and value in the text. The parsers
 * make it; everything else asks it where things stand.
 */
import { positionAt } from "./source-frame.ts";
import type { SourcePosition } from "./types.ts";

/** Keys and array indices from the root: ["env", "prod", "services", 0, "binding"]. */
export type ConfigPath = readonly (string | number)[];

export interface ConfigDocument {
  /** Absolute. */
  readonly file: string;
  readonly text: string;
  readonly value: Readonly<Record<string, unknown>>;
  /**
   * Where `path` stands; "key" (default) is the key of a table entry, "value" what is assigned.
   * Array elements have one place. Undefined: not in the file.
   */
  positionOf(path: ConfigPath, part?: "key" | "value"): SourcePosition | undefined;
}

/** UTF-16 offsets of the places of one path. */
export interface Place {
  readonly key: number;
  readonly value: number;
}

/** Collects places while a parser walks a text. The first place of a path stays. */
export class PlaceIndex {
  readonly #places = new Map<string, Place>();

  add(path: ConfigPath, place: Place): void {
    const id = JSON.stringify(path);
    if (!this.#places.has(id)) this.#places.set(id, place);
  }

  get(path: ConfigPath): Place | undefined {
    return this.#places.get(JSON.stringify(path));
  }
}

export function createDocument(
  file: string,
  text: string,
  value: Record<string, unknown>,
  places: PlaceIndex,
): ConfigDocument {
  return {
    file,
    text,
    value: plain(value) as Record<string, unknown>,
    positionOf(path, part = "key") {
      const place = places.get(path);
      return place === undefined ? undefined : positionAt(file, text, place[part]);
    },
  };
}

/** The parsers make tables without prototype; vars and props reach user code as ordinary objects. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!isTable(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    // Defined, not assigned: a key called "__proto__" must stay a key.
    const options = { enumerable: true, configurable: true, writable: true };
    Object.defineProperty(copy, key, { value: plain(item), ...options });
  }
  return copy;
}

/** `env.prod.services[0].binding`, as messages name a field. */
export function formatPath(path: ConfigPath): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else text += text === "" ? part : `.${part}`;
  }
  return text;
}

/** True for a table or JSON object (not an array, not a TOML date). */
export function isTable(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date)
  );
}

/** True for "", [] and {}: tools write every key, and such a value says as much as none. */
export function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isTable(value)) return Object.keys(value).length === 0;
  return value === undefined || value === "";
}
