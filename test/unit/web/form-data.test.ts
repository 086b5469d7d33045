import { describe, expect, test } from "vitest";
import { Blob, File } from "../../../src/web/forms/blob.ts";
import { FormData } from "../../../src/web/forms/form-data.ts";
import { Response } from "../../../src/web/http/response.ts";

function parse(body: string, type = "multipart/form-data; boundary=zz"): Promise<FormData> {
  return new Response(body, { headers: { "content-type": type } }).formData();
}

const part = (head: string, body = "abc"): string =>
  `--zz\r\ncontent-disposition: ${head}\r\n\r\n${body}\r\n--zz--`;

describe("FormData", () => {
  test("keeps order and repeated names; set() replaces at the first place", () => {
    const form = new FormData();
    form.append("a", "1");
    form.append("b", "2");
    form.append("a", "3");
    expect([...form.keys()]).toEqual(["a", "b", "a"]);
    expect(form.getAll("a")).toEqual(["1", "3"]);
    form.set("a", "4");
    expect([...form]).toEqual([
      ["a", "4"],
      ["b", "2"],
    ]);
    form.delete("a");
    expect([form.has("a"), form.get("a")]).toEqual([false, null]);
  });

  test("turns a Blob into a File named after its field", () => {
    const form = new FormData();
    form.append("x", new Blob(["a"]));
    form.append("y", new File(["a"], "n.txt"), "other.txt");
    expect([form.get("x"), form.get("y")]).toMatchObject([{ name: "x" }, { name: "other.txt" }]);
  });
});

describe("as a body", () => {
  test("comes back as it was, files included", async () => {
    const form = new FormData();
    form.append("text", "line\r\nline");
    form.append("file", new File([new Uint8Array([0, 255, 13, 10])], 'q"x.bin', { type: "a/b" }));
    const response = new Response(form);
    expect(response.headers.get("content-type")).toMatch(/^multipart\/form-data; boundary=\w{32}$/);
    const parsed = await response.formData();
    const file = parsed.get("file") as File;
    expect(parsed.get("text")).toBe("line\r\nline");
    expect([file.name, file.type, [...(await file.bytes())]]).toEqual([
      "q%22x.bin",
      "a/b",
      [0, 255, 13, 10],
    ]);
  });

  test("reads urlencoded bodies", async () => {
    const form = await new Response(new URLSearchParams("a=1&b=2+3")).formData();
    expect([...form]).toEqual([
      ["a", "1"],
      ["b", "2 3"],
    ]);
  });

  test("skips a preamble, takes quoted boundaries and backslash escapes", async () => {
    const text = `hi\r\n${part('form-data; name="a\\"b"')}`;
    expect([...(await parse(text, 'multipart/form-data; boundary="zz"'))]).toEqual([
      ['a"b', "abc"],
    ]);
    expect([...(await parse("--zz--"))]).toEqual([]);
  });

  test.each([
    ["", undefined, "No initial boundary string (or you have a truncated message)."],
    ["--zz\r\nfoo", undefined, "No multipart message header termination found."],
    [
      '--zz\r\ncontent-disposition: form-data; name="a"\r\n\r\nabc\r\n',
      undefined,
      "No subsequent boundary string after multipart message.",
    ],
    [
      "--zz\r\nfoo: x\r\n\r\nabc\r\n--zz--",
      undefined,
      "No valid Content-Disposition header found in FormData part.",
    ],
    [
      part("form-data; name=a"),
      undefined,
      "Content-Disposition header in FormData part is missing a name.",
    ],
    [
      "x",
      "text/plain",
      "Unrecognized Content-Type header value. FormData can only parse the following MIME types: multipart/form-data, application/x-www-form-urlencoded",
    ],
  ])("refuses %j as %s", async (body, type, text) => {
    await expect(parse(body, type)).rejects.toThrow(new TypeError(text));
  });
});
