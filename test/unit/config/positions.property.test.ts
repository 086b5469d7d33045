import fc from "fast-check";
import { stringify } from "smol-toml";
import { expect, test } from "vitest";
import type { ConfigDocument } from "../../../src/config/document.ts";
import { parseJsonc } from "../../../src/config/parse-jsonc.ts";
import { parseToml } from "../../../src/config/parse-toml.ts";

const key = fc.oneof(
  fc.constantFrom("a", "b", "a.b", "é 🦊", '"', "#"),
  fc.string({ maxLength: 4 }),
);
const { tree } = fc.letrec<{ tree: Record<string, unknown>; value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string(),
    fc.constantFrom('"""', "'''", "]", "}\n[x]", "\\", "# no comment", "\t🦊"),
    fc.integer(),
    fc.boolean(),
    fc.array(tie("tree"), { maxLength: 3 }),
    fc.array(fc.integer(), { maxLength: 3 }),
    tie("tree"),
  ),
  tree: fc.dictionary(key, tie("value"), { maxKeys: 4 }),
}));

/** Looks at the text at every place: a key must stand at a key's place. */
function checkPlaces(document: ConfigDocument, value: unknown, path: (string | number)[]): void {
  if (typeof value !== "object" || value === null) return;
  for (const [name, item] of Object.entries(value)) {
    const next = [...path, Array.isArray(value) ? Number(name) : name];
    const position = document.positionOf(next);
    expect(position, JSON.stringify(next)).toBeDefined();
    if (!Array.isArray(value) && position !== undefined && /^[a-z]+$/.test(name)) {
      const line = [...(document.text.split("\n")[position.line - 1] ?? "")];
      const rest = line.slice(position.column - 1).join("");
      expect(rest.replace(/^"/, "").startsWith(name), JSON.stringify(next)).toBe(true);
    }
    checkPlaces(document, item, next);
  }
}

test("every key of any TOML has a place, where the key stands", () => {
  fc.assert(
    fc.property(tree, (value) => {
      const document = parseToml("/w.toml", stringify(value), "/");
      checkPlaces(document, document.value, []);
    }),
    { numRuns: 300 },
  );
});

test("every key of any JSON has a place, where the key stands", () => {
  fc.assert(
    fc.property(tree, fc.constantFrom(0, 2), (value, indent) => {
      const document = parseJsonc("/w.json", JSON.stringify(value, null, indent), "/");
      expect(document.value).toEqual(value);
      checkPlaces(document, document.value, []);
    }),
    { numRuns: 300 },
  );
});
