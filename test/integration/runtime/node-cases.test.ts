import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BundleModule } from "../../../src/protocol/bundle.ts";
import { DIFFERENCES } from "../../node/differences.js";
import { DATE, GROUPS } from "../../node/groups.js";
import { TestHost } from "./harness.ts";

/*
 * What `node:` modules do is what they do in the real runtime: the cases of test/node, whose answers
 * `npm run parity -- node --record` writes to test/node/recorded. differences.js lists the others.
 */
const folder = resolve(import.meta.dirname, "../../node");

function modules(): BundleModule[] {
  const names = ["worker.js", "shown.js"];
  for (const name of readdirSync(join(folder, "workers/cases"))) names.push(`cases/${name}`);
  const read = (name: string): string => readFileSync(join(folder, "workers", name), "utf8");
  const scripts = names.map(
    (name): BundleModule => ({
      name: `file:///app/worker/${name}`,
      kind: "esm",
      contents: read(name),
    }),
  );
  return [...scripts, { name: "./note.txt", kind: "text", contents: read("note.txt") }];
}

type Answers = Readonly<Record<string, unknown>>;

/** drover gives an `errno` where production leaves it out. */
function withoutAddedErrno(found: unknown, wanted: unknown): unknown {
  if (Array.isArray(found)) {
    return found.map((value, at) =>
      withoutAddedErrno(value, Array.isArray(wanted) ? wanted[at] : undefined),
    );
  }
  if (typeof found !== "object" || found === null) return found;
  const other = (typeof wanted === "object" && wanted !== null ? wanted : {}) as Answers;
  const entries = Object.entries(found).filter(([key]) => key !== "errno" || key in other);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, withoutAddedErrno(value, other[key])]),
  );
}

describe.each(GROUPS)("%s", (group) => {
  const recorded = JSON.parse(
    readFileSync(join(folder, `recorded/${group}.json`), "utf8"),
  ) as Answers;
  let host: TestHost;
  let answers: Answers;
  beforeAll(async () => {
    host = new TestHost();
    const worker = await host.start({
      code: modules(),
      spec: {
        compatibilityDate: DATE,
        compatibilityFlags: [],
        bindings: [
          { type: "var", name: "TEXT", value: "text" },
          { type: "var", name: "JSON", value: { a: 1 } },
        ],
      },
    });
    const answer = await worker.fetch(`/${group}`);
    if (answer.failure !== undefined) throw new Error(answer.failure.stack);
    answers = JSON.parse(answer.text) as Answers;
  });
  afterAll(() => host[Symbol.asyncDispose]());

  test.each(Object.keys(recorded))("%s", (title) => {
    const wanted = DIFFERENCES[group]?.[title]?.drover ?? recorded[title];
    expect(withoutAddedErrno(answers[title], wanted)).toEqual(wanted);
  });

  test("every case is recorded", () => {
    expect(Object.keys(answers)).toEqual(Object.keys(recorded));
  });
});
