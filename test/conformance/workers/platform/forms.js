import { behaviour, check, equal, rejects, throws } from "../harness.js";

/* 6.3 to 6.5: form data, both ways */

const NAMED = 'Content-Disposition: form-data; name="a"';
const part = (head, content = "v") => `--B\r\n${head}\r\n\r\n${content}\r\n--B--`;

async function parse(text, type = "multipart/form-data; boundary=B") {
  const form = await new Response(text, { headers: { "content-type": type } }).formData();
  const entries = [...form].map(async ([name, value]) =>
    typeof value === "string" ? [name, value] : [name, value.name, value.type, await value.text()],
  );
  return Promise.all(entries);
}

const NO_INITIAL = "No initial boundary string (or you have a truncated message).";
const NO_HEADERS = "No multipart message header termination found.";
const NO_END = "No subsequent boundary string after multipart message.";
const NOT_ENDED = "Boundary string was not succeeded by CRLF, LF, or '--'.";
const BAD_HEADERS = "FormData part had invalid headers.";
const NO_DISPOSITION = "No valid Content-Disposition header found in FormData part.";
const BAD_DISPOSITION = "Invalid Content-Disposition header found in FormData part.";
const NO_NAME = "Content-Disposition header in FormData part is missing a name.";
const notFormData = (value) =>
  `Content-Disposition header for FormData part must have the value "form-data", possibly followed by parameters. Got: "${value}"`;

/** Body -> entries, or the text of a TypeError. */
const BODIES = [
  [part(NAMED), [["a", "v"]]],
  [`--B\n${NAMED}\n\nv\n--B--`, [["a", "v"]]],
  [`before\r\n${part(NAMED)}\r\nafter`, [["a", "v"]]],
  [`x${part(NAMED)}`, [["a", "v"]]],
  ["--B--", []],
  ["", NO_INITIAL],
  ["--B", NO_INITIAL],
  ["--B\r\n", NO_HEADERS],
  ["--B-", NOT_ENDED],
  ["--BX\r\n", NOT_ENDED],
  ["--B \r\n", NOT_ENDED],
  [`--B\r\n${NAMED}\r\nv`, NO_HEADERS],
  [`--B\r\n${NAMED}\r\n\r\nv`, NO_END],
  [`--B\r\n${NAMED}\r\n\r\nv--B--`, NO_END],
  [`--B\r\n${NAMED}\r\n\r\n--B--`, NO_END],
  [`--B\r\n${NAMED}\r\n\r\nv\r\n--B`, NO_END],
  [`--B\r\n${NAMED}\r\n\r\nv\r\n--B-`, NOT_ENDED],
  [`--B\r\n${NAMED}\r\n\r\nv\r\n--BX\r\n--B--`, NOT_ENDED],
  ["--B\r\n\r\nv\r\n--B--", NO_HEADERS],
  [part(NAMED, ""), [["a", ""]]],
  [part(NAMED, " v\r\n\r\n--b "), [["a", " v\r\n\r\n--b "]]],
  [
    `--B\r\n${NAMED}\r\n\r\nv\n--B\n${NAMED}\r\n\n w \n--B--`,
    [
      ["a", "v"],
      ["a", " w "],
    ],
  ],
  [part("no colon"), BAD_HEADERS],
  [part(`${NAMED}\r\nno colon`), BAD_HEADERS],
  [part(`${NAMED}\r\n folded`), BAD_HEADERS],
  [part(`: v\r\n${NAMED}`), BAD_HEADERS],
  [part('Content-Disposition : form-data; name="a"'), BAD_HEADERS],
  [part("X: y"), NO_DISPOSITION],
  [part("Content-Disposition:"), NO_DISPOSITION],
  [part("Content-Disposition: ;"), BAD_DISPOSITION],
  [part('Content-Disposition: attachment; name="a"'), notFormData("attachment")],
  [part('Content-Disposition: FORM-DATA; name="a"'), notFormData("FORM-DATA")],
  [part("Content-Disposition: form-data"), NO_NAME],
  [part("Content-Disposition: form-data; name=a"), NO_NAME],
  [part('Content-Disposition: form-data; name=""'), NO_NAME],
  [part('Content-Disposition: form-data; name="a'), NO_NAME],
  [part('Content-Disposition: form-data; NAME="a"'), NO_NAME],
  [part('Content-Disposition: form-data; junk; name="a"'), NO_NAME],
  [part('Content-Disposition: form-data junk; name="a"'), NO_NAME],
  [part('Content-Disposition: form-data; filename="name"; x'), NO_NAME],
  [part('Content-Disposition: form-data;name="a"'), [["a", "v"]]],
  [part('Content-Disposition: form-data ; name = "a"'), [["a", "v"]]],
  [part('content-disposition: form-data; x="1"; name="a"; y="2"'), [["a", "v"]]],
  [part('Content-Disposition: form-data; name="a" junk'), [["a", "v"]]],
  [part(`${NAMED}; name="b"`), [["b", "v"]]],
  [part(`${NAMED}\r\nContent-Disposition: form-data; name="z"`), [["a", "v"]]],
  [part(`${NAMED}; filename=""`), [["a", "v"]]],
  [part(`${NAMED}; filename=f`), [["a", "v"]]],
  [part(`${NAMED}; filename*=UTF-8''f`), [["a", "v"]]],
  [part(`${NAMED}; filename="f"`), [["a", "f", "", "v"]]],
  [part(`${NAMED}; filename="x"; filename="y"`), [["a", "y", "", "v"]]],
  [part(`${NAMED}; filename="ä"`, "ü"), [["a", "ä", "", "ü"]]],
  [part(`${NAMED}; filename="a\\"b\\\\c\\d%22"`), [["a", 'a"b\\cd%22', "", "v"]]],
  [
    part(`${NAMED}; filename="f"\r\nContent-Type: Text/Plain; Charset=X`),
    [["a", "f", "Text/Plain; Charset=X", "v"]],
  ],
  [part(`${NAMED}\r\nContent-Transfer-Encoding: base64`, "dg=="), [["a", "dg=="]]],
];

behaviour("6.3", "multipart bodies are read by production's grammar", async () => {
  for (const [body, expected] of BODIES) {
    if (typeof expected === "string") await rejects(() => parse(body), "TypeError", expected);
    else equal(await parse(body), expected, JSON.stringify(body));
  }
});

const NO_BOUNDARY =
  "No boundary string in Content-Type header. The multipart/form-data MIME type requires a boundary parameter, e.g. 'Content-Type: multipart/form-data; boundary=\"abcd\"'. See RFC 7578, section 4.";
const OTHER_TYPE =
  "Unrecognized Content-Type header value. FormData can only parse the following MIME types: multipart/form-data, application/x-www-form-urlencoded";

/** Content type -> entries of a body with boundary "B", or the text of a TypeError. */
const TYPES = [
  ['MULTIPART/Form-Data; BOUNDARY="B"', [["a", "v"]]],
  ["multipart/form-data; x=y; boundary=B ; z", [["a", "v"]]],
  ["multipart/form-data; boundary=B; boundary=C", [["a", "v"]]],
  ['multipart/form-data;x=";boundary=Q";boundary=B', [["a", "v"]]],
  ["multipart/form-data", NO_BOUNDARY],
  ["multipart/form-data; boundary=", NO_BOUNDARY],
  ['multipart/form-data; boundary=""', NOT_ENDED],
  ["multipart/form-data; boundary='B'", NO_INITIAL],
  ["multipart/form-data; boundary=B, x", NO_INITIAL],
  ["multipart/mixed; boundary=B", OTHER_TYPE],
  ["text/plain", OTHER_TYPE],
  ["nothing", OTHER_TYPE],
  [
    "application/x-www-form-urlencoded; charset=latin1",
    "Non-utf-8 application/x-www-form-urlencoded body.",
  ],
];

behaviour("6.3", "the content type says how a form is read", async () => {
  for (const [type, expected] of TYPES) {
    if (typeof expected !== "string") equal(await parse(part(NAMED), type), expected, type);
    else await rejects(() => parse(part(NAMED), type), "TypeError", expected);
  }
  const bare = new Response(new Uint8Array(1));
  const text = "Parsing a Body as FormData requires a Content-Type header.";
  await rejects(() => bare.formData(), "TypeError", text);
  equal(bare.bodyUsed, false);
});

behaviour("6.3", "a used body is refused before its type is looked at", async () => {
  const response = new Response("x");
  await response.text();
  const text =
    "Body has already been used. It can only be used once. Use tee() first if you need to read it twice.";
  await rejects(() => response.formData(), "TypeError", text);
});

const URL_ENCODED = [
  [
    "a=1&b=2",
    [
      ["a", "1"],
      ["b", "2"],
    ],
  ],
  [
    "a=%zz&b=%4",
    [
      ["a", "zz"],
      ["b", "\u0004"],
    ],
  ],
  ["a=%C3%28", [["a", "\ufffd("]]],
  ["a=%41%", [["a", "A"]]],
  ["%=1", [["", "1"]]],
  ["a+b=c+d", [["a b", "c d"]]],
  ["a;b=1", [["a;b", "1"]]],
  ["&&a=b=c&", [["a", "b=c"]]],
  ["=", [["", ""]]],
  ["a", [["a", ""]]],
  ["", []],
];

behaviour("6.3", "urlencoded bodies are read leniently", async () => {
  for (const type of ["", ";charset=UTF-8", '; charset="utf-8"']) {
    for (const [body, expected] of URL_ENCODED) {
      equal(await parse(body, `application/x-www-form-urlencoded${type}`), expected, body);
    }
  }
});

/** Name -> how it is written. */
const NAMES = [
  ['a"b', "a%22b"],
  ["a\nb", "a%0Ab"],
  ["a\rb", "a\rb"],
  ["a\\b", "a\\\\b"],
  ["ä", "ä"],
  ["\ud800", "\ufffd\ufffd\ufffd"],
  ["", ""],
];

async function written(form) {
  const response = new Response(form);
  const boundary = response.headers.get("content-type").split("=")[1];
  check(/^[0-9a-f]{32}$/.test(boundary), boundary);
  return (await response.text()).replaceAll(boundary, "B");
}

behaviour("6.4", "names and filenames are escaped, values are not", async () => {
  const disposition = "Content-Disposition: form-data; name=";
  for (const [name, shown] of NAMES) {
    const text = new FormData();
    text.append(name, "v\nw");
    equal(await written(text), `--B\r\n${disposition}"${shown}"\r\n\r\nv\nw\r\n--B--`);
    const file = new FormData();
    file.append("f", new File(["x"], name));
    const head = `${disposition}"f"; filename="${shown}"\r\nContent-Type: application/octet-stream`;
    equal(await written(file), `--B\r\n${head}\r\n\r\nx\r\n--B--`);
  }
  equal(await written(new FormData()), "--B--");
});

behaviour("6.4", "a name that ends with a backslash cannot be written", () => {
  const form = new FormData();
  form.append("a\\", "v");
  throws(() => new Response(form), "TypeError", "Name or filename can't end with backslash");
});

behaviour("6.2", "text keeps half a surrogate pair as bytes", async () => {
  equal([...(await new Response("a\ud800").bytes())], [0x61, 0xed, 0xa0, 0x80]);
  equal(await new Blob(["\ud800"]).text(), "\ufffd\ufffd\ufffd");
});

/** Content-Type -> type of the body's Blob. */
const BLOB_TYPES = [
  ["Text/HTML; Charset=UTF-8", "text/html;charset=UTF-8"],
  ['text/html; a="b c"; a=d; e; f=', 'text/html;a="b c"'],
  ["text/plain,image/png", "image/png"],
  ["image/png, nothing", "image/png"],
  ["nothing", ""],
  ["", ""],
];

behaviour(
  "6.2",
  "the type of a body's Blob is parsed from 2024-06-03 on",
  async () => {
    for (const [header, type] of BLOB_TYPES) {
      const response = new Response("x", { headers: { "content-type": header } });
      equal((await response.blob()).type, type, header);
    }
  },
  { dates: ["newest", "2025"] },
);

behaviour(
  "6.2",
  "the type of a body's Blob is the header before",
  async () => {
    const header = "Text/HTML; Charset=UTF-8";
    const response = new Response("x", { headers: { "content-type": header } });
    equal((await response.blob()).type, header);
  },
  { dates: ["2024"] },
);
