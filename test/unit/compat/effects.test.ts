import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { DEFAULT_SINCE } from "../../../src/compat/dates.ts";
import { HONOURED } from "../../../src/compat/effects.ts";

const src = resolve(import.meta.dirname, "../../../src");
/** Rooms whose code acts on flags, without what its comments say. */
const ROOMS = ["bundle", "isolate", "node", "web", "runtime", "durable-objects", "resources"];

const code = ROOMS.flatMap((room) => {
  const folder = join(src, room);
  try {
    return readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => readFileSync(join(folder, name), "utf8"));
  } catch {
    // A room that is still to come.
    return [];
  }
})
  .join("\n")
  .replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");

/** Named in code that does not act on them. */
const ONLY_NAMED: ReadonlySet<string> = new Set([
  // A text of D1's.
  "d1_binding_jsrpc",
  // A text of WebCrypto's.
  "webcrypto_modern_algorithms",
  // Carried to the engine, which has no use for it yet.
  "service_binding_extra_handlers",
]);

test("the flags that are said to have an effect are those that the code asks for", () => {
  const asked = Object.keys(DEFAULT_SINCE).filter(
    (flag) => !ONLY_NAMED.has(flag) && new RegExp(`\\b${flag}\\b`).test(code),
  );
  expect([...HONOURED].sort()).toEqual(asked.sort());
});
