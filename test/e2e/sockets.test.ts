import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { createServer as createPlain, connect as dial } from "node:net";
import { text } from "node:stream/consumers";
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

const LISTENER = `
export default {
  async connect(socket, env) {
    const writer = socket.writable.getWriter();
    const { remoteAddress, localAddress } = await socket.opened;
    await writer.write([env.NAME, remoteAddress, localAddress, socket.secureTransport].join(" ") + "\\n");
    writer.releaseLock();
    await socket.readable.pipeTo(socket.writable);
  },
  fetch: () => new Response("http"),
};`;

const NO_HANDLER = "export default { fetch: () => new Response() };";

describe("raw TCP listeners", () => {
  test("hand connections to the connect handler of their Worker, over an edit too", async () => {
    const config = (name: string): string =>
      JSON.stringify({
        name,
        main: `${name}.js`,
        compatibility_date: "2026-11-17",
        vars: { NAME: "first" },
        connect: [{ protocol: "tcp", port: 0, address: "127.0.0.1" }],
      });
    await using project = await tempProject({
      "talks.jsonc": config("talks"),
      "talks.js": LISTENER,
      "mute.jsonc": config("mute"),
      "mute.js": NO_HANDLER,
    });
    await using dev = await runDev(["talks.jsonc", "mute.jsonc"], { cwd: project.dir });
    const ports = [...dev.output.matchAll(/TCP connections on 127\.0\.0\.1:(\d+)/g)].map((found) =>
      Number(found[1]),
    );
    const exchange = async (port: number | undefined, said: string): Promise<string[]> => {
      const socket = dial(port ?? 0, "127.0.0.1");
      const answer = text(socket).catch((error: Error) => error.message);
      await once(socket, "connect");
      const from = `127.0.0.1:${socket.localPort}`;
      socket.end(said);
      return (await answer).replace(from, "CLIENT").replace(String(port), "PORT").split("\n");
    };
    const large = "x".repeat(2_000_000);
    expect(await exchange(ports[0], large)).toEqual(["first CLIENT 127.0.0.1:PORT off", large]);
    await exchange(ports[1], "x");
    await dev.waitForLine(/Received a connect event but we lack a handler/);

    await project.write("talks.jsonc", config("talks").replace("first", "second"));
    await dev.waitForLine(/updated and ready/i);
    expect(await exchange(ports[0], "y")).toEqual(["second CLIENT 127.0.0.1:PORT off", "y"]);
  });
});
