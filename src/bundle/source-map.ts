/**
 * Makes a map that esbuild wrote independent of where it is read: absolute file URLs as `sources`.
 * The list stands before "mappings", so the bulk of a large map is copied, never parsed.
 */
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";

/** `outputFile`: absolute path that the relative `sources` are relative to. */
export function withAbsoluteSources(map: Uint8Array, outputFile: string): Uint8Array {
  const bytes = Buffer.from(map.buffer, map.byteOffset, map.byteLength);
  const start = bytes.indexOf('"sources": [');
  const end = bytes.indexOf('"mappings":');
  if (start < 0 || end < start) return map;
  const head = bytes.toString("utf8", 0, end);
  const parsed = JSON.parse(`${head}"mappings": ""}`) as { version: number; sources: string[] };
  const folder = pathToFileURL(`${dirname(outputFile)}/`);
  const sources = parsed.sources.map((source) => absoluteSource(source, folder));
  const newHead = JSON.stringify({ version: parsed.version, sources });
  return Buffer.concat([Buffer.from(`${newHead.slice(0, -1)},`), bytes.subarray(end)]);
}

/** esbuild writes relative URLs, percent-encoded but for spaces. */
function absoluteSource(source: string, folder: URL): string {
  // "drover-node-require:node:fs": a module that a plugin made up.
  return /^[a-z][a-z-]+:/.test(source) ? source : new URL(source, folder).href;
}
