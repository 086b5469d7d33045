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

const PACKAGES = [
  "drizzle-orm@0.45.4",
  "ioredis@6.0.0",
  "mongodb@7.9.0",
  "mysql2@3.24.6",
  "nodemailer@10.6.1",
  "pg@8.23.1",
];

const HYPERDRIVE = "CLOUDFLARE_HYPERDRIVE_LOCAL_CONNECTION_STRING_";

const WORKER = `
import { sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import Redis from "ioredis";
import { MongoClient } from "mongodb";
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
  async hyperdrive(_port, _host, env) {
    const client = new Client({ connectionString: env.HD.connectionString });
    await client.connect();
    const { rows } = await client.query("SELECT $1::text AS a", [env.HD.database]);
    await client.end();
    const socket = env.HD.connect();
    await socket.opened;
    await socket.close();
    return [rows, env.HD.port, env.HD.host.endsWith(".hyperdrive.local")];
  },
  async drizzle(port) {
    const pool = new Pool({ host: "127.0.0.1", port, user: "me", password: "x", database: "db" });
    const { rows } = await drizzle(pool).execute(sql\`SELECT \${"one"}::text AS a\`);
    await pool.end();
    return rows;
  },
  async mongodb(port) {
    const options = { serverSelectionTimeoutMS: 3000 };
    return await new MongoClient("mongodb://127.0.0.1:" + port, options).connect();
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
  async "mysql2 hyperdrive"(_port, _host, env) {
    const { host, port, user, password, database } = env.MY;
    const connection = await createConnection({ host, port, user, password, database, disableEval: true });
    const [rows] = await connection.query("SELECT 1 AS one");
    const [more] = await connection.query("SELECT 1 AS two");
    await connection.end();
    return [rows, more];
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
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    const run = clients[decodeURIComponent(pathname.slice(1))];
    try {
      const host = searchParams.get("host") ?? "127.0.0.1";
      return Response.json(await run(Number(searchParams.get("port")), host, env));
    } catch (error) {
      return new Response(error.stack, { status: 500 });
    }
  },
};`;

describe("clients from the registry", () => {
  const pair = createCertificate(["localhost"], new Date(), 2);
  let project: TempProject;
  let dev: RunningDev;
  let database: FakeServer;
  let mysql: FakeServer;

  beforeAll(async () => {
    database = await fakePostgres(pair);
    mysql = await fakeMysql(pair);
    project = await registryProject(PACKAGES, {
      "wrangler.jsonc": JSON.stringify({
        name: "clients",
        main: "index.js",
        compatibility_date: "2026-11-17",
        hyperdrive: [
          { binding: "HD", id: "x" },
          { binding: "MY", id: "y" },
        ],
      }),
      "index.js": WORKER,
      "ca.pem": pair.cert,
    });
    dev = await runDev("wrangler.jsonc", {
      cwd: project.dir,
      env: {
        NODE_EXTRA_CA_CERTS: project.path("ca.pem"),
        [`${HYPERDRIVE}MY`]: `mysql://me:s%C3%A9cret@localhost:${mysql.port}/mydb?ssl-mode=VERIFY_IDENTITY`,
        [`${HYPERDRIVE}HD`]: `postgres://me:x@localhost:${database.port}/mydb?sslmode=verify-full`,
      },
    });
  }, 180_000);
  afterAll(async () => {
    await dev?.[Symbol.asyncDispose]();
    await project?.[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
    await mysql[Symbol.asyncDispose]();
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

  test("pg through Hyperdrive, to a database that asks for TLS", async () => {
    expect(await use("hyperdrive", database)).toEqual([[{ a: "mydb" }], 5432, true]);
    expect(database.said).toContain("(secure)");
  });

  test("drizzle-orm over pg", async () => {
    await using server = await fakePostgres();
    expect(await use("drizzle", server)).toEqual([{ a: "one" }]);
  });

  test("mongodb: nobody listens", async () => {
    const server = await fakePostgres();
    await server[Symbol.asyncDispose]();
    await expect(use("mongodb", server)).rejects.toThrow(
      `MongoServerSelectionError: connect ECONNREFUSED 127.0.0.1:${server.port}`,
    );
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

  test("mysql2 through Hyperdrive, to a database that asks for TLS and a password", async () => {
    expect(await use("mysql2 hyperdrive", mysql)).toEqual([[{ one: 1 }], [{ two: 1 }]]);
    expect(mysql.said).toEqual([
      "(secure) 32",
      "password sécret",
      "SELECT 1 AS one",
      "SELECT 1 AS two",
      "(end)",
    ]);
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
