import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RunningDev, runDev } from "../helpers/run-dev.ts";
import { type TempProject, tempProject } from "../helpers/temp-project.ts";
import { config } from "./workers.ts";

/*
 * spec/platform.md 19.3 and 19.4: the dev server as clients see it. Texts and limits are the answers
 * of wrangler 4.164 to the same bytes, where docs/parity.md does not say otherwise.
 */

const WORKER = `
const thrown = {
  string: "just a string",
  object: { a: 1 },
  undefined: undefined,
  null: null,
  number: 42,
  symbol: Symbol("s"),
  array: [1, 2],
  text: { toString: () => "mine" },
  message: { status: 404, message: "not found" },
  named: { name: "Odd", message: "m" },
  bare: Object.create(null),
};
export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    const name = pathname.slice(1);
    if (Object.hasOwn(thrown, name)) throw thrown[name];
    if (name === "response") throw new Response("x");
    if (name === "error") throw new RangeError("thrown msg", { cause: new Error("inner") });
    if (name === "network") return Response.error();
    if (name === "nothing") return undefined;
    if (name === "lines") {
      const headers = new Headers([["x-a", "1"], ["x-a", "2"]]);
      headers.append("set-cookie", "a=1");
      headers.append("set-cookie", "b=2");
      return new Response("ok", { headers });
    }
    const headers = [...request.headers];
    return Response.json({
      method: request.method,
      url: request.url.length > 1000 ? request.url.length : request.url,
      large: headers.filter(([name]) => name.startsWith("x-")).reduce((sum, [, value]) => sum + value.length, 0),
      body: await request.text(),
    });
  },
};`;

let project: TempProject;
let dev: RunningDev;

beforeAll(async () => {
  project = await tempProject({ "wrangler.json": config("app"), "src/index.ts": WORKER });
  dev = await runDev("wrangler.json", { cwd: project.dir });
});

afterAll(async () => {
  await dev?.[Symbol.asyncDispose]();
  await project?.[Symbol.asyncDispose]();
});

/** All that comes back until the server closes: its head and its body. */
async function raw(text: string): Promise<{ status: string; head: string; body: string }> {
  const socket = connect(Number(new URL(dev.url).port), "127.0.0.1");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  socket.write(Buffer.from(text));
  await once(socket, "close");
  const all = Buffer.concat(chunks).toString();
  const end = all.indexOf("\r\n\r\n");
  const head = all.slice(0, end);
  const status = head.slice("HTTP/1.1 ".length).split("\r\n")[0] ?? "";
  return { status, head, body: all.slice(end + 4) };
}

const END = "Host: x\r\nConnection: close\r\n\r\n";

describe("what a client gets of something thrown", () => {
  const plain = { accept: "text/plain" };

  test.each([
    ["string", "Error: just a string"],
    ["object", "Error: [object Object]"],
    ["undefined", "Error: undefined"],
    ["null", "Error: null"],
    ["number", "Error: 42"],
    ["symbol", "Error: Symbol(s)"],
    ["array", "Error: 1,2"],
    ["text", "Error: mine"],
    ["message", "Error: not found"],
    ["named", "Odd: m"],
    ["response", "Error: [object Response]"],
    ["bare", "Error: [object Object]"],
  ])("%s", async (name, text) => {
    const response = await dev.fetch(`/${name}`, { headers: plain });
    expect([response.status, response.statusText]).toEqual([500, ""]);
    expect(response.headers.get("content-type")).toBe("text/plain;charset=UTF-8");
    expect(await response.text()).toBe(text);
  });

  test("an error: its stack, without its cause", async () => {
    const response = await dev.fetch("/error", { headers: plain });
    const [first, second, ...rest] = (await response.text()).split("\n");
    expect(first).toBe("RangeError: thrown msg");
    expect(second).toMatch(/^ {4}at Object\.fetch \(.*src\/index\.ts:\d+:\d+\)$/);
    expect(rest).toEqual([]);
    await dev.waitForLine(/\[cause\]: Error: inner/);
  });

  test("the same head without a body for HEAD, and no Accept is text", async () => {
    const { status, head, body } = await raw(`HEAD /string HTTP/1.1\r\n${END}`);
    expect([status, body]).toEqual(["500 ", ""]);
    expect(head.toLowerCase()).toContain("content-type: text/plain;charset=utf-8");
  });

  test("Response.error() and no Response at all are TypeErrors, which the log shows", async () => {
    const text =
      "TypeError: Return value from serve handler must not be an error response (like Response.error())";
    expect(await (await dev.fetch("/network", { headers: plain })).text()).toBe(text);
    await dev.waitForLine(/Uncaught TypeError: Return value from serve handler/);
    expect(await (await dev.fetch("/nothing", { headers: plain })).text()).toBe(
      "TypeError: Incorrect type for Promise: the Promise did not resolve to 'Response'.",
    );
  });
});

describe("the edges of HTTP", () => {
  const path = (length: number) => `/${"a".repeat(length - 1)}`;

  test("a target of 64 KiB is refused with 414, one that is shorter is served", async () => {
    for (const method of ["GET", "POST"]) {
      for (const length of [65_535, 70_000, 200_000]) {
        const { status, body } = await raw(`${method} ${path(length)} HTTP/1.1\r\n${END}`);
        expect([status, body]).toEqual(["414 URI Too Long", "URI too long"]);
      }
    }
    const { status, body } = await raw(`GET ${path(65_000)} HTTP/1.1\r\n${END}`);
    expect([status, JSON.parse(body).url]).toEqual(["200 OK", "http://x".length + 65_000]);
  });

  test("300 KB of headers reach the Worker, in one or in many; beyond 500 KB is 431", async () => {
    const one = await raw(`GET / HTTP/1.1\r\nx-big: ${"v".repeat(300_000)}\r\n${END}`);
    expect([one.status, JSON.parse(one.body).large]).toEqual(["200 OK", 300_000]);
    const lines = Array.from({ length: 3000 }, (_, i) => `x-${i}: ${"v".repeat(80)}\r\n`);
    const many = await raw(`GET / HTTP/1.1\r\n${lines.join("")}${END}`);
    expect([many.status, JSON.parse(many.body).large]).toEqual(["200 OK", 240_000]);
    const { status, body } = await raw(`GET / HTTP/1.1\r\nx-big: ${"v".repeat(500_000)}\r\n${END}`);
    expect([status, body]).toEqual([
      "431 Request Header Fields Too Large",
      "message head is too large",
    ]);
  });

  test.each([
    [
      "a header without colon",
      `GET / HTTP/1.1\r\nno colon here\r\n${END}`,
      "invalid HTTP header parsed",
    ],
    ["no request line", "hello\r\n\r\n", "invalid HTTP method parsed"],
    ["no Host", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n", "Bad Request"],
    ["an empty Host", "GET / HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n", "Bad Request"],
    ["HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n", "Bad Request"],
    ["an absolute form without Host", "GET http://a.example/ HTTP/1.1\r\n\r\n", "Bad Request"],
  ])("%s is 400", async (_, request, text) => {
    expect(await raw(request)).toMatchObject({ status: "400 Bad Request", body: text });
  });

  test("HTTP/1.0 with Host is served", async () => {
    expect((await raw("GET /old HTTP/1.0\r\nHost: x\r\n\r\n")).body).toContain("http://x/old");
  });

  test.each(["BREW", "get", "A1_B", "LINK", "M-SEARCH", "MKCALENDAR"])(
    "the method %s is 501",
    async (method) => {
      const { status, body } = await raw(`${method} / HTTP/1.1\r\n${END}`);
      expect([status, body]).toEqual([
        "501 Not Implemented",
        "ERROR: Unrecognized request method.",
      ]);
    },
  );

  test.each(["PURGE", "TRACE", "OPTIONS", "PROPFIND", "REPORT", "SUBSCRIBE", "PATCH", "DELETE"])(
    "the method %s goes to the Worker",
    async (method) => {
      const { status, body } = await raw(`${method} /m HTTP/1.1\r\n${END}`);
      expect([status, JSON.parse(body).method]).toEqual(["200 OK", method]);
    },
  );

  test("CONNECT is 405: there are no tunnels", async () => {
    const { status } = await raw("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n");
    expect(status).toBe("405 Method Not Allowed");
  });

  test("an absolute form is served under the name in Host, and keeps its query", async () => {
    const { body } = await raw(`GET http://other.example:99/abs?x=1 HTTP/1.1\r\n${END}`);
    expect(JSON.parse(body).url).toBe("http://x/abs?x=1");
  });

  test("GET with a body reaches the Worker; what is not ASCII is percent-encoded", async () => {
    const { body } = await raw(`GET /ä?q=ö HTTP/1.1\r\nContent-Length: 3\r\n${END}abc`);
    expect(JSON.parse(body)).toMatchObject({ url: "http://x/%C3%A4?q=%C3%B6", body: "abc" });
  });

  test("one line for each Set-Cookie, one for all values of any other name", async () => {
    const { head } = await raw(`GET /lines HTTP/1.1\r\n${END}`);
    const lines = head.split("\r\n").filter((line) => /^(x-a|set-cookie):/i.test(line));
    expect(lines).toEqual(["x-a: 1, 2", "set-cookie: a=1", "set-cookie: b=2"]);
  });
});
