import fc from "fast-check";
import { expect, test } from "vitest";
import { FOREIGN_ID, IdFactory, NOT_HEX, uniqueKey } from "../../../src/util/object-ids.ts";
import { utf8Of } from "../../../src/util/utf8.ts";

/* Ids as the real runtime derives them (spec/durable-objects.md 2.1). */

test.each([
  ["probe-SqlObj", "alpha", "202321ddf50695743b5ebaefb146bcb1256edd57c19950e1c76f5dcbc0c7b853"],
  ["probe-SqlObj", "", "2c2ebc3ea30e49986cf471c765de54dc2ad6d9f8f0a01b652c6a43c677973ccf"],
  ["probe-SqlObj", "é😀", "947b9551b26711dfb5f1075ab9ce7cd36ba24948781da0767f6dfabefbd87d95"],
  ["probe-LegObj", "alpha", "63b53dae2f4ffa005f4873557627b2c653b30b505a6266eeb9c1db3de5f54fd2"],
  ["wb-BObj", "n1", "a6db020148d56f286b4faab1204cbd68448b9616d7665dba03b938a4cbc5399b"],
])("%s %j", (key, name, id) => {
  expect(new IdFactory(key).fromName(name)).toBe(id);
});

test("the key is Worker and class", () => {
  expect(uniqueKey("probe", "SqlObj")).toBe("probe-SqlObj");
});

test("a lone surrogate keeps its three bytes, anywhere in a name", () => {
  expect(Buffer.from(utf8Of("\ud800")).toString("hex")).toBe("eda080");
  expect(Buffer.from(utf8Of("a\udfffb😀")).toString("hex")).toBe("61edbfbf62f09f9880");
  const ids = new IdFactory("k");
  expect(ids.fromName("\ud800")).not.toBe(ids.fromName("\ufffd"));
});

test("every derived id is its class's own, and nobody else's", () => {
  const ids = new IdFactory("w-A");
  const others = [new IdFactory("w-B"), new IdFactory("w-A", "eu"), new IdFactory("w-A", "us")];
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (name) => {
      const id = ids.fromName(name);
      expect(id).toMatch(/^[0-9a-f]{64}$/);
      expect(ids.parse(id.toUpperCase())).toBe(id);
      expect(ids.fromName(name)).toBe(id);
      for (const other of others) {
        expect(other.isOwn(id)).toBe(false);
        expect(other.fromName(name)).not.toBe(id);
        expect(() => other.parse(id)).toThrow(new TypeError(FOREIGN_ID));
      }
    }),
  );
  const unique = Array.from({ length: 100 }, () => ids.random());
  expect(new Set(unique).size).toBe(100);
  expect(unique.every((id) => ids.isOwn(id))).toBe(true);
});

test("texts that are no id", () => {
  const ids = new IdFactory("w-A");
  const id = ids.fromName("a");
  for (const text of ["", "a", id.slice(1), `${id}0`, `g${id.slice(1)}`, ` ${id.slice(1)}`]) {
    expect(() => ids.parse(text)).toThrow(new TypeError(NOT_HEX));
  }
  const flipped = `${id.slice(0, 63)}${id.endsWith("0") ? "1" : "0"}`;
  expect(() => ids.parse(flipped)).toThrow(new TypeError(FOREIGN_ID));
});
