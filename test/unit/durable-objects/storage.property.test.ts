import { rmSync } from "node:fs";
import { Deserializer, Serializer } from "node:v8";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { KvTable, type ListOptions } from "../../../src/durable-objects/storage/kv-table.ts";
import { ObjectDatabase } from "../../../src/durable-objects/storage/object-database.ts";
import { OpenFiles } from "../../../src/durable-objects/storage/open-files.ts";
import { StoredValues } from "../../../src/durable-objects/storage/values.ts";
import type { Headers } from "../../../src/web/http/headers.ts";
import { httpValueTypes } from "../../../src/web/value-types.ts";
import { type TempProject, tempProject } from "../../helpers/temp-project.ts";
import { FakeWorker } from "../rpc/harness.ts";

/* Order and ranges of keys, and stored values (spec/durable-objects.md 11, 12). */

const { engine } = new FakeWorker("app", { valueTypes: httpValueTypes });
const values = new StoredValues((value) => engine.encodeClone(value));

let files: TempProject;
beforeEach(async () => {
  files = await tempProject();
});
afterEach(() => files[Symbol.asyncDispose]());

let count = 0;

/** A table in a file of its own. */
function table(): { readonly kv: KvTable; readonly [Symbol.dispose]: () => void } {
  const path = files.path(`${++count}.sqlite`);
  const database = new ObjectDatabase({ path, files: new OpenFiles(() => {}), onDirty: () => {} });
  const dispose = (): void => {
    database.rollback();
    database.close();
    rmSync(path, { force: true });
  };
  return { kv: new KvTable(database, values, "sqlite"), [Symbol.dispose]: dispose };
}

/** Also NUL, lone surrogates, and what UTF-16 orders otherwise than UTF-8. */
const key = fc.oneof(
  fc.string({ unit: "binary", maxLength: 4 }),
  fc.string({
    unit: fc.constantFrom(
      "a",
      "b",
      "\0",
      "\x7f",
      "é",
      "\ud7ff",
      "\ud800",
      "\udfff",
      "\uffff",
      "\u{1f600}",
      "\u{10ffff}",
    ),
    maxLength: 4,
  }),
);

/** UTF-8; a lone surrogate takes three bytes as any other character of its range. */
function bytesOf(text: string): number[] {
  return [...text].flatMap((character) => {
    const code = character.codePointAt(0) as number;
    if (code < 0xd800 || code > 0xdfff) return [...Buffer.from(character)];
    return [0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63)];
  });
}

function compare(a: string, b: string): number {
  const [left, right] = [bytesOf(a), bytesOf(b)];
  for (let at = 0; at < Math.min(left.length, right.length); at += 1) {
    if (left[at] !== right[at]) return (left[at] as number) - (right[at] as number);
  }
  return left.length - right.length;
}

/** A pair of surrogates that were written apart is one character in UTF-8. */
function listed(keys: readonly string[], options: ListOptions): string[] {
  const { start, startAfter, end, prefix, reverse, limit } = options;
  const found = [...new Set(keys)]
    .filter((name) => start === undefined || compare(name, start) >= 0)
    .filter((name) => startAfter === undefined || compare(name, startAfter) > 0)
    .filter((name) => end === undefined || compare(name, end) < 0)
    .filter(
      (name) =>
        prefix === undefined ||
        String(bytesOf(name).slice(0, bytesOf(prefix).length)) === String(bytesOf(prefix)),
    )
    .sort(compare);
  return (reverse === true ? found.reverse() : found).slice(0, limit);
}

test("keys are listed by their UTF-8 bytes, within every range", () => {
  const options = fc.record(
    {
      start: key,
      startAfter: key,
      end: key,
      prefix: key,
      reverse: fc.boolean(),
      limit: fc.integer({ min: 1, max: 8 }),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(
      fc.array(key, { maxLength: 12 }),
      fc.array(options, { minLength: 1, maxLength: 10 }),
      (keys, lists) => {
        using opened = table();
        for (const name of keys) opened.kv.put(name, opened.kv.encode(name, name));
        for (const list of lists) {
          const pairs = [...opened.kv.list(list)];
          expect(pairs.map(([name]) => name)).toEqual(listed(keys, list));
          expect(pairs.every(([name, value]) => name === value)).toBe(true);
        }
        for (const name of keys) expect(opened.kv.get(name)).toBe(name);
        for (const name of new Set(keys)) expect(opened.kv.delete(name)).toBe(true);
        expect([...opened.kv.list({})]).toEqual([]);
      },
    ),
    { numRuns: 60 },
  );
});

describe("values", () => {
  const plain = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withSparseArray: true,
  });

  test("come back as they were, and V8 reads and writes the same", () => {
    fc.assert(
      fc.property(plain, (value) => {
        const bytes = values.serialize(value);
        expect(values.deserialize(bytes)).toStrictEqual(value);
        const [reader, serializer] = [new Deserializer(bytes), new Serializer()];
        reader.readHeader();
        expect(reader.readValue()).toStrictEqual(value);
        serializer.writeHeader();
        serializer.writeValue(value);
        expect(values.deserialize(serializer.releaseBuffer())).toStrictEqual(value);
      }),
      { numRuns: 500 },
    );
  });

  test("of wrangler are read: errors with their stacks, headers by number and by name", () => {
    const read = (recorded: string): unknown => values.deserialize(Buffer.from(recorded, "hex"));
    const error = read("ff0f5c0a0222016d6f2205737461636b2201537b01") as Error;
    expect(error).toBeInstanceOf(TypeError);
    expect([error.message, Object.keys(error), error.stack]).toEqual(["m", ["stack"], "S"]);
    const [exception, after] = read("ff0f41025c08034f6464016d01534902240002") as [
      DOMException,
      number,
    ];
    expect([exception.name, exception.message, after]).toEqual(["Odd", "m", 1]);
    const headers = read(
      "ff0f5c040304110174290161290162000c582d4d697865642d436173650176",
    ) as Headers;
    expect([...headers]).toEqual([
      ["content-type", "t"],
      ["set-cookie", "a"],
      ["set-cookie", "b"],
      ["x-mixed-case", "v"],
    ]);
    headers.append("more", "v");
  });

  test("of before version 15, without a header, are read", () => {
    expect(values.deserialize(Buffer.from("2203616263", "hex"))).toBe("abc");
  });
});
