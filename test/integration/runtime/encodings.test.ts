import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { DIFFERENCES } from "../../parity/encodings/differences.js";
import { SETS } from "../../parity/encodings/sets.js";
import { TestHost } from "./harness.ts";

/*
 * What TextDecoder makes of bytes in every encoding, at dates around each change: the hashes that the real
 * runtime gave (`npm run parity -- encodings` asks it again).
 */
const folder = join(import.meta.dirname, "../../parity/encodings");
const code = readFileSync(join(folder, "workers/worker.js"), "utf8");
const recorded = JSON.parse(readFileSync(join(folder, "answers.json"), "utf8")) as Record<
  string,
  string | Record<string, string>
>;

describe.each(Object.entries(SETS))("%s", (set, { date, flags }) => {
  test("bytes are decoded as in production", async () => {
    await using host = new TestHost();
    const spec = { compatibilityDate: date, compatibilityFlags: [...flags] };
    const worker = await host.start({ code, spec });
    const answer = await worker.fetch("/");
    expect(answer.failure).toBeUndefined();
    const expected = Object.fromEntries(
      Object.entries(recorded).map(([question, answers]) => [
        question,
        typeof answers === "string" ? answers : answers[set],
      ]),
    );
    const found = JSON.parse(answer.text) as Record<string, string>;
    const differing = Object.keys({ ...expected, ...found }).filter(
      (question) => found[question] !== expected[question],
    );
    expect(differing.sort()).toEqual(Object.keys(DIFFERENCES[set] ?? {}).sort());
  }, 60_000);
});
