import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RunningDev, runDev } from "../helpers/run-dev.ts";
import { type TempProject, tempProject } from "../helpers/temp-project.ts";
import { config } from "./workers.ts";

/*
 * Reason phrases (spec/platform.md 5): what a client gets, and what the caller of a binding reads. The
 * answers of wrangler 4.164 to the same requests.
 */

const WORKER = `
import { WorkerEntrypoint } from "cloudflare:workers";
const make = (url) => {
  const { searchParams } = new URL(url);
  const text = searchParams.get("text");
  const init = { status: Number(searchParams.get("status")) };
  if (text !== null) init.statusText = text === "undefined" ? undefined : text;
  const made = new Response("x", init);
  switch (searchParams.get("how")) {
    case "copy": return new Response(made.body, made);
    case "clone": return made.clone();
    case "json": return Response.json({}, init);
    case "redirect": return Response.redirect("http://a/");
    default: return made;
  }
};
export class Made extends WorkerEntrypoint {
  fetch(request) { return make(request.url); }
  give(url) { return make(url); }
}
export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/passed") return env.MADE.fetch(request);
    if (pathname === "/given") return env.MADE.give(request.url);
    if (pathname === "/copied") {
      const response = await env.MADE.fetch(request);
      return new Response(response.body, response);
    }
    if (pathname === "/read") {
      const [own, fetched, given] = [make(request.url), await env.MADE.fetch(request), await env.MADE.give(request.url)];
      return Response.json([own.statusText, fetched.statusText, given.statusText]);
    }
    if (pathname === "/outside") return fetch(searchParams.get("origin"));
    return make(request.url);
  },
};`;

let project: TempProject;
let dev: RunningDev;

beforeAll(async () => {
  const services = [{ binding: "MADE", service: "app", entrypoint: "Made" }];
  project = await tempProject({
    "wrangler.json": config("app", { services }),
    "src/index.ts": WORKER,
  });
  dev = await runDev("wrangler.json", { cwd: project.dir });
});

afterAll(async () => {
  await dev?.[Symbol.asyncDispose]();
  await project?.[Symbol.asyncDispose]();
});

/** The first line of the answer, as it is on the wire. */
async function statusLine(path: string): Promise<string> {
  const socket = connect(Number(new URL(dev.url).port), "127.0.0.1");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  await once(socket, "close");
  return Buffer.concat(chunks).toString().split("\r\n")[0] ?? "";
}

describe.each([
  [200, "OK"],
  [404, "Not Found"],
  [418, "I'm a teapot"],
  [425, "Client Error"],
  [509, "Server Error"],
  [299, "Successful"],
  [399, "Redirection"],
])("%i", (status, usual) => {
  test.each([
    ["none", "", usual],
    ["undefined", "&text=undefined", usual],
    ["an empty one", "&text=", ""],
    ["its own", "&text=Own%20one", "Own one"],
  ])("%s", async (_name, query, phrase) => {
    const asked = `?status=${status}${query}`;
    for (const path of ["/made", "/passed", "/copied", "/given"]) {
      expect(await statusLine(path + asked), path).toBe(`HTTP/1.1 ${status} ${phrase}`);
    }
    const shown = query === "&text=Own%20one" ? phrase : "";
    const read = await dev.fetch(`/read${asked}`);
    expect(await read.json()).toEqual([shown, phrase, shown]);
  });
});

test.each(["copy", "clone", "json"])(
  "%s keeps that none was said, and an empty one",
  async (how) => {
    expect(await statusLine(`/made?status=418&how=${how}`)).toBe("HTTP/1.1 418 I'm a teapot");
    expect(await statusLine(`/made?status=418&text=&how=${how}`)).toBe("HTTP/1.1 418 ");
  },
);

test("one that HTTP cannot carry is left out, and read over a binding", async () => {
  const asked = `?status=200&text=${encodeURIComponent("5 € = 日")}`;
  expect(await statusLine(`/passed${asked}`)).toBe("HTTP/1.1 200 ");
  expect(await (await dev.fetch(`/read${asked}`)).json()).toEqual(Array(3).fill("5 € = 日"));
});

test("a redirect has the usual one", async () => {
  expect(await statusLine("/made?how=redirect&status=200")).toBe("HTTP/1.1 302 Found");
});

test("what a server outside says is passed on, nothing too", async () => {
  const said = ["HTTP/1.1 418 ", "HTTP/1.1 200 Own", "HTTP/1.1 404"];
  const origin = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => {
      socket.end(`${said[0]}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
    });
  }).listen(0, "127.0.0.1");
  await once(origin, "listening");
  const { port } = origin.address() as AddressInfo;
  const path = `/outside?origin=${encodeURIComponent(`http://127.0.0.1:${port}/`)}`;
  expect(await statusLine(path)).toBe("HTTP/1.1 418 ");
  said.shift();
  expect(await statusLine(path)).toBe("HTTP/1.1 200 Own");
  said.shift();
  expect(await statusLine(path)).toBe("HTTP/1.1 404 ");
  origin.close();
});
