import { PassThrough, Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import url, { parse, resolve } from "node:url";
import { expect, test } from "vitest";
import { readWhole } from "../../../src/node/stream-reads.ts";
import { takeBadPorts, type UrlClass } from "../../../src/node/url-ports.ts";

/** What Node's modules do whichever Node this is: as in production, which has that of Node 22. */

takeBadPorts((url as unknown as { readonly Url: UrlClass }).Url.prototype);

test.each([
  ["http://a:b:c/", "http://a/:b:c/", "a", "/:b:c/"],
  ["http://a:80:90/x?q=1#h", "http://a:90/:80/x?q=1#h", "a:90", "/:80/x?q=1"],
  ["http://u:p@a:80:90", "http://u:p@a:90/:80", "a:90", "/:80"],
  ["http://a::b", "http://a/::b", "a", "/::b"],
  ["//a:b:c/d", "//a/:b:c/d", "a", "/:b:c/d"],
  ["http://a:b?x=:1", "http://a/:b?x=:1", "a", "/:b?x=:1"],
  ["HTTP://A:B:C/", "http://a/:B:C/", "a", "/:B:C/"],
  ["http:\\\\a:b\\c", "http://a/:b/c", "a", "/:b/c"],
  ["http://a:80/x", "http://a:80/x", "a:80", "/x"],
])("url.parse(%j)", (url, href, host, path) => {
  expect(parse(url, false, true)).toMatchObject({ href, host, path });
});

test("url.resolve takes a port that is none", () => {
  expect(resolve("http://x/y", "http://a:b:c/")).toBe("http://a/:b:c/");
});

test("url.parse names the URL that it was given", () => {
  expect(() => parse("http://[::1]:80:90/x")).toThrow(
    expect.objectContaining({ code: "ERR_INVALID_URL", input: "http://[::1]:80:90/x" }),
  );
});

readWhole();

/** Each as text; `read` gives what comes at once. */
function stream(...first: string[]): Readable {
  const readable = new Readable({ read() {} });
  for (const chunk of first) readable.push(chunk);
  return readable;
}

test("read() of a paused byte stream gives all that is there", () => {
  const readable = stream("a", "b", "c");
  expect(String(readable.read())).toBe("abc");
  expect(readable.read()).toBeNull();
});

test("read() gives what _read adds at once, and leaves nothing on the stream", () => {
  const left = ["c", "d"];
  const seen: boolean[] = [];
  const readable = new Readable({
    read() {
      seen.push(Object.hasOwn(this, "_read"));
      for (const chunk of left.splice(0)) this.push(chunk);
    },
  });
  const before = Object.hasOwn(readable, "_read");
  readable.push("a");
  readable.push("b");
  expect(String(readable.read())).toBe("abcd");
  expect(seen).toEqual([before]);
  expect(Object.hasOwn(readable, "_read")).toBe(before);
});

test("sizes, objects, decoded text and flowing streams are read as ever", async () => {
  expect(String(stream("ab", "c").read(1))).toBe("a");
  const objects = new Readable({ objectMode: true, read() {} });
  objects.push("a");
  objects.push("b");
  expect(objects.read()).toBe("a");
  const text = stream("a", "b").setEncoding("utf8");
  expect(text.read()).toBe("ab");
  const flowing = stream("a", "b");
  flowing.push(null);
  const chunks: string[] = [];
  flowing.on("data", (chunk) => chunks.push(String(chunk)));
  await new Promise((done) => flowing.once("end", done));
  expect(chunks).toEqual(["a", "b"]);
});

test("a failing _read destroys the stream", async () => {
  const readable = new PassThrough();
  readable._read = () => {
    throw new Error("no more");
  };
  readable.push("a");
  const failed = new Promise((resolved) => readable.once("error", resolved));
  readable.read();
  expect(await failed).toMatchObject({ message: "no more" });
});

test("an iteration sees what has come together as one piece", async () => {
  const upper = new Transform({
    transform: (chunk, _encoding, done) => done(null, String(chunk).toUpperCase()),
  });
  const pieces: string[] = [];
  await pipeline(Readable.from(["a", "b"]), upper, async (source) => {
    for await (const piece of source) pieces.push(String(piece));
  });
  expect(pieces).toEqual(["AB"]);
});
