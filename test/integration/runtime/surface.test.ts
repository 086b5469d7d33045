import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { accepted } from "../../surface/differences.js";
import { pick, SETS } from "../../surface/sets.js";
import { TestHost } from "./harness.ts";

/*
 * What a Worker sees of the platform (test/surface/workers/surface.js), against what it sees of the real
 * runtime. Every difference that is not listed with a reason in test/surface/differences.js is
 * printed, and so is one that is listed and not there.
 */
const folder = join(import.meta.dirname, "../../surface");
const code = readFileSync(join(folder, "workers/surface.js"), "utf8");
const recorded = JSON.parse(readFileSync(join(folder, "recorded.json"), "utf8")) as Record<
  string,
  Record<string, number[]>
>;

async function look(date: string, flags: readonly string[]): Promise<Record<string, string>> {
  await using host = new TestHost();
  const spec = { compatibilityDate: date, compatibilityFlags: [...flags] };
  const worker = await host.start({ code, spec });
  const answer = await worker.fetch("/");
  if (answer.status !== 200) throw new Error(answer.failure?.stack ?? answer.text);
  return JSON.parse(answer.text) as Record<string, string>;
}

/** In few words: what is missing, what is there too, whether only the order differs. */
function difference(production: string | undefined, ours: string | undefined): string {
  if (production === undefined) return `not in production: ${ours}`;
  if (ours === undefined) return "missing";
  const separator = production.includes(", ") || ours.includes(", ") ? ", " : " ";
  const [left, right] = [production, ours].map((text) => text.split(separator));
  const missing = left?.filter((part) => !right?.includes(part)) ?? [];
  const extra = right?.filter((part) => !left?.includes(part)) ?? [];
  if (missing.length === 0 && extra.length === 0) return "another order";
  return [
    ...(missing.length > 0 ? [`missing ${missing.join(separator)}`] : []),
    ...(extra.length > 0 ? [`extra ${extra.join(separator)}`] : []),
  ].join("; ");
}

describe.each(SETS.map((set, index) => ({ ...set, index })))("$name", ({ date, flags, index }) => {
  test("shows what production shows", async () => {
    const production = pick(recorded, index);
    const ours = await look(date, flags);
    const found: Record<string, string> = {};
    for (const name of new Set([...Object.keys(production), ...Object.keys(ours)])) {
      if (production[name] === ours[name]) continue;
      found[name] = difference(production[name], ours[name]);
    }
    expect(found).toEqual(accepted(Number(process.versions.node.split(".")[0])));
  });
});
