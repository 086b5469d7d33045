import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCertificate } from "../../src/session/certificate.ts";
import {
  type FakeServer,
  fakeMysql,
  fakePostgres,
  fakeRedis,
  fakeSmtp,
} from "../helpers/fake-databases.ts";
import { registryProject } from "../helpers/registry-project.ts";
import { type RunningDev, runDev } from "../helpers/run-dev.ts";
import type { TempProject } from "../helpers/temp-project.ts";

/*
 * Clients from the registry, as they are, on node:net, node:tls and cloudflare:sockets.
 */

const PACKAGES = ["ioredis@6.0.0", "mysql2@3.24.6", "nodemailer@10.6.1", "pg@8.23.1"];

const WORKER = `
import Redis from "ioredis";
import { createConnection } from "mysql2/promise";
import nodemailer from "nodemailer";
import { Client, Pool } from "pg";

const clients = {
  async pg(port) {
    const pool = new Pool({ host: "127.0.0.1", port, user: "me", password: "x", database: "db" });
    const { rows } = await pool.query("SELECT $1::text AS a, $2::text AS b", ["one", "two"]);
    await pool.end();
    return rows;
  },
  async "pg refused"(port) {
    return await new Client({ host: "127.0.0.1", port, user: "me", database: "db" }).connect();
  },
  async ioredis(port) {
    const redis = new Redis({ host: "127.0.0.1", port, maxRetriesPerRequest: 1 });
    const answers = [await redis.set("key", "v\\u00e4lue"), await redis.get("key"), await redis.get("none")];
    await redis.quit();
    return answers;
  },
  async mysql2(port) {
    const options = { host: "127.0.0.1", port, user: "me", password: "x", disableEval: true };
    const connection = await createConnection(options);
    const [rows] = await connection.query("SELECT 1 AS one");
    await connection.end();
    return rows;
  },
  async nodemailer(port, host) {
    const transport = nodemailer.createTransport({ host, port, secure: false });
    const { response } = await transport.sendMail({
      from: "me@example.com",
      to: "you@example.com",
      subject: "Hello",
      text: "A mail",
      attachments: [{ filename: "a.txt", content: "attached" }],
    });
    transport.close();
    return response;
  },
};

export default {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    const run = clients[decodeURIComponent(pathname.slice(1))];
    try {
      const host = searchParams.get("host") ?? "127.0.0.1";
      return Response.json(await run(Number(searchParams.get("port")), host));
    } catch (error) {
      return new Response(error.stack, { status: 500 });
    }
  },
};`;

describe("clients from the registry", () => {
  const pair = createCertificate(["localhost"], new Date(), 2);
  let project: TempProject;
  let dev: RunningDev;

  beforeAll(async () => {
    project = await registryProject(PACKAGES, {
      "wrangler.jsonc": `{ "name": "clients", "main": "index.js", "compatibility_date": "2026-11-17" }`,
      "index.js": WORKER,
      "ca.pem": pair.cert,
    });
    dev = await runDev("wrangler.jsonc", {
      cwd: project.dir,
      env: { NODE_EXTRA_CA_CERTS: project.path("ca.pem") },
    });
  }, 180_000);
  afterAll(async () => {
    await dev?.[Symbol.asyncDispose]();
    await project?.[Symbol.asyncDispose]();
  });

  async function use(client: string, server: FakeServer, query = ""): Promise<unknown> {
    const path = `/${encodeURIComponent(client)}?port=${server.port}${query}`;
    const response = await dev.fetch(path);
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return JSON.parse(text);
  }

  test("pg: a pool, a query with parameters, the end", async () => {
    await using server = await fakePostgres();
    expect(await use("pg", server)).toEqual([{ a: "one", b: "two" }]);
    expect(server.said.at(-1)).toBe("(end)");
  });

  test("ioredis: set, get, quit", async () => {
    await using server = await fakeRedis();
    expect(await use("ioredis", server)).toEqual(["OK", "välue", null]);
    expect(server.said).toContain("quit");
  });

  test("mysql2: a query, the end", async () => {
    await using server = await fakeMysql();
    expect(await use("mysql2", server)).toEqual([{ one: 1 }]);
    expect(server.said).toEqual(["SELECT 1 AS one", "(end)"]);
  });

  test("nodemailer: a mail with an attachment", async () => {
    await using server = await fakeSmtp();
    expect(await use("nodemailer", server)).toBe("250 taken");
    expect(server.said).toContain("RCPT TO:<you@example.com>");
    expect(server.said).toContain("Subject: Hello");
  });

  test("nodemailer: over STARTTLS", async () => {
    await using server = await fakeSmtp(pair);
    expect(await use("nodemailer", server, "&host=localhost")).toBe("250 taken");
    expect(server.said).toContain("STARTTLS");
    expect(server.said).toContain("(secure) RCPT TO:<you@example.com>");
  });

  test("pg: nobody listens", async () => {
    const server = await fakePostgres();
    await server[Symbol.asyncDispose]();
    await expect(use("pg refused", server)).rejects.toThrow("proxy request failed");
  });
});
