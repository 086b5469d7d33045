import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { createServer as createPlain } from "node:net";
import { createServer, TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCertificate } from "../../src/session/certificate.ts";
import { type RunningDev, runDev } from "../helpers/run-dev.ts";
import { type TempProject, tempProject } from "../helpers/temp-project.ts";

const WORKER = `
import { connect } from "cloudflare:sockets";
const line = async (socket) => {
  const reader = socket.readable.getReader();
  let text = "";
  while (!text.endsWith("\\n")) {
    const { value, done } = await reader.read();
    if (done) break;
    text += new TextDecoder().decode(value);
  }
  reader.releaseLock();
  return text;
};
const say = async (socket, text) => {
  const writer = socket.writable.getWriter();
  await writer.write(text);
  writer.releaseLock();
};
export default {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    const address = searchParams.get("host") + ":" + searchParams.get("port");
    try {
      if (pathname === "/on") {
        const socket = connect(address, { secureTransport: "on" });
        await say(socket, "secret\\n");
        return new Response(await line(socket));
      }
      const plain = connect(address, { secureTransport: "starttls" });
      await say(plain, "STARTTLS\\n");
      const answer = await line(plain);
      const expectedServerHostname = searchParams.get("name") ?? undefined;
      const secure = plain.startTls({ expectedServerHostname });
      await say(secure, "secret\\n");
      return Response.json([answer, await line(secure), plain.upgraded, secure.secureTransport]);
    } catch (error) {
      return new Response(error.message, { status: 500 });
    }
  },
};`;

describe("TLS of cloudflare:sockets", () => {
  const pair = createCertificate(["localhost", "db.test"], new Date(), 2);
  const other = createCertificate(["localhost"], new Date(), 2);
  const answer = (socket: Socket): void => {
    socket.on("error", () => {});
    socket.once("data", (data) => socket.write(`got ${data}`));
  };
  const secure = createServer(pair, answer);
  const unknown = createServer(other, answer);
  // Answers in plain text, then speaks TLS on the same connection.
  const upgrading = createPlain((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => {
      socket.write("go\n");
      answer(new TLSSocket(socket, { isServer: true, ...pair }));
    });
  });
  let project: TempProject;
  let dev: RunningDev;

  beforeAll(async () => {
    for (const server of [secure, unknown, upgrading]) {
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
    }
    project = await tempProject({
      "wrangler.jsonc": `{ "name": "tls", "main": "index.js", "compatibility_date": "2026-11-17" }`,
      "index.js": WORKER,
      "ca.pem": pair.cert,
    });
    dev = await runDev("wrangler.jsonc", {
      cwd: project.dir,
      env: { NODE_EXTRA_CA_CERTS: project.path("ca.pem") },
    });
  });
  afterAll(async () => {
    await dev[Symbol.asyncDispose]();
    await project[Symbol.asyncDispose]();
    for (const server of [secure, unknown, upgrading]) server.close();
  });

  const ask = async (
    path: string,
    server: { address(): unknown },
    query = "",
  ): Promise<{ readonly status: number; readonly text: string }> => {
    const { port } = server.address() as AddressInfo;
    const response = await dev.fetch(`${path}?host=localhost&port=${port}${query}`);
    return { status: response.status, text: await response.text() };
  };

  test("from the start", async () => {
    expect(await ask("/on", secure)).toEqual({ status: 200, text: "got secret\n" });
  });

  test("from startTls on", async () => {
    const { text } = await ask("/starttls", upgrading);
    expect(JSON.parse(text)).toEqual(["go\n", "got secret\n", true, "on"]);
  });

  test("for another name that the certificate has", async () => {
    const { text } = await ask("/starttls", upgrading, "&name=db.test");
    expect(JSON.parse(text)).toEqual(["go\n", "got secret\n", true, "on"]);
  });

  test("not for a name that it does not have", async () => {
    const { status, text } = await ask("/starttls", upgrading, "&name=elsewhere.test");
    expect(status).toBe(500);
    expect(text).toContain("internal error");
  });

  test("not with a certificate of an authority that nobody knows", async () => {
    const { status, text } = await ask("/on", unknown);
    expect(status).toBe(500);
    expect(text).toContain("proxy request failed");
  });
});
