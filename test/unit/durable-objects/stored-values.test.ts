import { describe, expect, test } from "vitest";
import { StoredValues } from "../../../src/durable-objects/storage/values.ts";
import { Blob } from "../../../src/web/forms/blob.ts";
import { Headers } from "../../../src/web/http/headers.ts";
import { Request } from "../../../src/web/http/request.ts";
import { Response } from "../../../src/web/http/response.ts";
import { httpValueTypes } from "../../../src/web/value-types.ts";
import recorded from "../../parity/objects/bytes.json" with { type: "json" };
import { storedKinds } from "../../parity/objects/workers/stored-kinds.js";
import { FakeWorker } from "../rpc/harness.ts";

/* Bytes of stored values: those of the real runtime, both ways (spec/durable-objects.md 11). */

const { engine } = new FakeWorker("app", { valueTypes: httpValueTypes });
const values = new StoredValues((value) => engine.encodeClone(value));
const CLASSES = { Blob, Headers, Request, Response };

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const read = (text: string): unknown => values.deserialize(Buffer.from(text, "hex"));

/** V8 writes an array in one of two forms, by what the process did before. */
const WITH_ARRAY = "errorAggregate";
/** An error has a stack again when it is read. */
const WITHOUT_STACK = "errorWithoutStack";
/** Who may change its headers: nobody sees that of a stored Response. */
const GUARDED = "responseRedirect";

describe("objects of the platform", () => {
  test.each(Object.entries(recorded))("%s", (kind, bytes) => {
    const made = hex(values.serialize(storedKinds[kind]?.(CLASSES)));
    const again = hex(values.serialize(read(bytes)));
    if (kind !== WITHOUT_STACK) expect(again).toBe(made);
    if (kind === WITH_ARRAY) return;
    const expected = kind === GUARDED ? bytes.replace("5c040001", "5c040301") : bytes;
    expect(made).toBe(expected);
  });

  test("every kind was recorded", () => {
    expect(Object.keys(recorded).sort()).toEqual(Object.keys(storedKinds).sort());
  });

  test("the Headers of an event, or of a fetched response, stay as they are", () => {
    for (const guard of ["01", "02"]) {
      const headers = read(`ff0f5c04${guard}0105032a2f2a`) as Headers;
      expect([...headers]).toEqual([["accept", "*/*"]]);
      expect(() => headers.append("a", "b")).toThrow("Can't modify immutable headers.");
    }
  });

  test("in a form that nobody knows are refused", () => {
    expect(() => read("ff0f5c040301300161")).toThrow("Headers in a form that drover cannot read");
    expect(() => read("ff0f5c0509687474703a2f2f782f4902")).toThrow("a Request in a form that");
    expect(() => read("ff0f5c0b")).toThrow("an object of type 11, which drover cannot read");
  });
});

test("errors of before enhanced_error_serialization are V8's own, and are read", () => {
  const legacy = new StoredValues((value) => ({ value, fixes: undefined }));
  const error = Object.assign(new TypeError("m"), { stack: "S" });
  expect(hex(legacy.serialize(error))).toBe("ff0f72546d22016d732201532e");
  const back = read("ff0f72546d22016d732201532e") as Error;
  expect([back instanceof TypeError, back.message, back.stack]).toEqual([true, "m", "S"]);
});
