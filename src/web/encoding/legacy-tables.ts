/**
 * The encodings of the Encoding Standard that are neither UTF-8 nor UTF-16, as production decodes them: package @exodus/bytes, which
 * the build puts into one file beside the runtime (scripts/build-runtime.js). Node's own tables are ICU's, which differ for one in three of them,
 * and by version of Node. Read when a Worker first names such an encoding; used by text-decoder.ts. Thread: the Worker's.
 */

import { isAscii } from "node:buffer";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import vm from "node:vm";

/** Bytes to text. `stream`: more follows. Throws anything for what cannot be decoded, if it is to be fatal. */
export type Decode = (bytes: Uint8Array, stream: boolean) => string;

export interface LegacyTables {
  /** The name of a label; null for none. "replacement" is one too. */
  normalizeEncoding(label: string): string | null;
  isMultibyte(encoding: string): boolean;
  /** `isLoose`: with U+FFFD for what cannot be decoded. */
  createSinglebyteDecoder(encoding: string, isLoose: boolean): (bytes: Uint8Array) => string;
  createMultibyteDecoder(encoding: string, isLoose: boolean): Decode;
}

/** Beside the runtime's bundle, whose path this is there. */
const FILE: string = join(dirname(import.meta.url), "encodings.cjs");

let tables: LegacyTables | undefined;

export function legacyTables(): LegacyTables {
  tables ??= load();
  return tables;
}

/** The file is a function of the globals that it names: by now they are a Worker's. */
function load(): LegacyTables {
  const script = new vm.Script(readFileSync(FILE, "latin1"), { filename: FILE });
  const main = script.runInThisContext() as (globals: object) => LegacyTables;
  return main({ Buffer, TextDecoder, TextEncoder, isAscii });
}
