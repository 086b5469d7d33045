import { cp } from "node:fs/promises";
import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { registryProject } from "../helpers/registry-project.ts";
import { type RunningDev, runDev } from "../helpers/run-dev.ts";
import { type TcpServers, tcpServers } from "../helpers/tcp-servers.ts";
import type { TempProject } from "../helpers/temp-project.ts";

const fixture = resolve(import.meta.dirname, "../../fixtures/express-behind-hono");
const EXPRESS = ["express@5.3.0", "hono@4.13.19"];
const KOA = ["axios@1.21.1", "koa@3.3.0", "node-fetch@2.7.0"];

describe("fixtures/express-behind-hono: an Express app behind a Hono app", () => {
  let project: TempProject;
  let dev: RunningDev;
  beforeAll(async () => {
    project = await registryProject(EXPRESS);
    await cp(fixture, project.dir, { recursive: true });
    dev = await runDev(["gateway/wrangler.jsonc", "api/wrangler.jsonc"], { cwd: project.dir });
  }, 180_000);
  afterAll(async () => {
    await dev?.[Symbol.asyncDispose]();
    await project?.[Symbol.asyncDispose]();
  });

  test("JSON in and out, a query, cookies as headers of their own", async () => {
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ text: "Wash the dög" });
    const made = await dev.fetch("/api/notes", { method: "POST", headers, body });
    expect(made.status).toBe(201);
    expect(made.headers.getSetCookie()).toEqual(["last=2; Path=/", "by=express; Path=/"]);
    const found = await dev.fetch(`/api${made.headers.get("location")}?q=d%C3%B6g`);
    expect(await found.json()).toEqual({ note: "Wash the dög", found: true });
  });

  test("a redirect, a route that is not there, one that throws", async () => {
    const moved = await dev.fetch("/api/old", { redirect: "manual" });
    expect([moved.status, moved.headers.get("location")]).toEqual([302, "/notes"]);
    const missing = await dev.fetch("/api/nothing");
    expect([missing.status, await missing.text()]).toEqual([
      404,
      expect.stringContaining("Cannot GET /nothing"),
    ]);
    const broken = await dev.fetch("/api/broken");
    expect(broken.status).toBe(500);
    expect(await broken.text()).toContain("Error: this route is broken");
  });

  test("the first chunk arrives before the handler ends", async () => {
    const response = await dev.fetch("/api/slowly");
    const reader = response.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe("first\n");
    await dev.fetch("/api/go-on");
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe("second\n");
  });
});

const SERVERS = `
import { httpServerHandler } from "cloudflare:node";
import http from "node:http";
import axios from "axios";
import Koa from "koa";
import nodeFetch from "node-fetch";

const app = new Koa();
app.use(async (context) => {
  const { port } = context.query;
  if (context.path === "/teapot") context.throw(418, "short and stout");
  if (context.path === "/axios") {
    context.body = (await axios.post("http://127.0.0.1:" + port + "/echo", { a: 1 })).data;
  } else if (context.path === "/node-fetch") {
    context.body = await (await nodeFetch("http://127.0.0.1:" + port + "/echo")).json();
  } else if (context.path === "/http") {
    // A stream of Node's as the answer.
    context.body = await new Promise((resolve, reject) => {
      http.get({ port, host: "127.0.0.1", path: "/echo" }, resolve).on("error", reject);
    });
    context.type = "json";
  } else {
    context.set("x-by", "koa");
    context.body = { path: context.path, query: context.query, ip: context.ip };
  }
});
const server = http.createServer(app.callback());
const handler = httpServerHandler(server);
export default {
  fetch(request, env, ctx) {
    if (new URL(request.url).pathname === "/listening") return new Response(String(server.listening));
    return handler.fetch(request, env, ctx);
  },
};`;

describe("a Koa app", () => {
  let project: TempProject;
  let dev: RunningDev;
  let servers: TcpServers;
  beforeAll(async () => {
    servers = await tcpServers();
    project = await registryProject(KOA, {
      "wrangler.jsonc": `{ "name": "koa", "main": "index.js", "compatibility_date": "2026-11-17" }`,
      "index.js": SERVERS,
    });
    dev = await runDev("wrangler.jsonc", { cwd: project.dir });
  }, 180_000);
  afterAll(async () => {
    await dev?.[Symbol.asyncDispose]();
    await project?.[Symbol.asyncDispose]();
    await servers[Symbol.asyncDispose]();
  });

  test("answers, behind a server that never called listen", async () => {
    const response = await dev.fetch("/some/path?a=1");
    expect(response.headers.get("x-by")).toBe("koa");
    expect(await response.json()).toEqual({
      path: "/some/path",
      query: { a: "1" },
      ip: "127.0.0.1",
    });
    expect(await (await dev.fetch("/listening")).text()).toBe("true");
  });

  test("answers with an error of its own", async () => {
    const response = await dev.fetch("/teapot");
    expect([response.status, await response.text()]).toEqual([418, "short and stout"]);
  });

  test.each([
    ["axios", "POST"],
    ["node-fetch", "GET"],
    ["http", "GET"],
  ])("asks another server with %s", async (path, method) => {
    const response = await dev.fetch(`/${path}?port=${servers.http}`);
    expect(await response.json()).toMatchObject({ method, url: "/echo" });
  });
});
