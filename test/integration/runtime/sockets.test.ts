import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";
import { portsOf, tcpServers, withoutPorts } from "../../helpers/tcp-servers.ts";
import { TestHost, type TestThread } from "./harness.ts";

const FOREIGN =
  /Cannot perform I\/O on behalf of a different request\..*\(I\/O type: (?:Writable|ReadableStreamSource>)\)/;

/** The Worker of a file of conformance/workers. */
async function load(host: TestHost, name: string): Promise<TestThread> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, `../../conformance/workers/${name}.js`)],
    bundle: true,
    format: "esm",
    external: ["cloudflare:*", "node:*"],
    write: false,
  });
  return await host.start({
    code: outputFiles[0]?.text ?? "",
    spec: { compatibilityDate: "2026-11-17", compatibilityFlags: [] },
  });
}

describe.each(["tcp", "node-net", "node-http"])("%s.js", async (name) => {
  await using servers = await tcpServers();
  await using host = new TestHost();
  /** What the real runtime said: `npm run parity -- sockets --record`. */
  const file = join(import.meta.dirname, `expected/${name}.json`);
  const recorded = JSON.parse(readFileSync(file, "utf8")) as Record<string, string[]>;
  const worker = await load(host, name);
  const { text, failure } = await worker.fetch(`/${portsOf(servers)}`);
  if (failure !== undefined) throw new Error(failure.stack);
  const said = JSON.parse(withoutPorts(text, servers)) as Record<string, string[]>;

  test.each(Object.entries(recorded))("%s: as the real runtime", (title, lines) => {
    expect(said[title]).toEqual(lines);
  });

  test("says nothing that was not recorded", () => {
    expect(Object.keys(said)).toEqual(Object.keys(recorded));
  });
});

/* What each says is what the real runtime said (workerd 1.20261117.1). */
test("a socket that is open travels over RPC, with its connection", async () => {
  await using servers = await tcpServers();
  await using host = new TestHost();
  const settled = `const settled = (promise) => promise.then((value) => value ?? "done", (error) => error.message);
    const told = async (run) => { try { return await run(); } catch (error) { return error.name + ": " + error.message; } };
    const ask = async (socket, text) => {
      const writer = socket.writable.getWriter();
      await writer.write(text);
      writer.releaseLock();
      const reader = socket.readable.getReader();
      const { value } = await reader.read();
      reader.releaseLock();
      return new TextDecoder().decode(value);
    };`;
  await host.start({
    name: "user",
    code: `import { connect } from "cloudflare:sockets";
      import { WorkerEntrypoint } from "cloudflare:workers";
      ${settled}
      export default class extends WorkerEntrypoint {
        async use(socket) {
          return [String(socket), Object.keys(await socket.opened), socket.upgraded, socket.secureTransport,
            await ask(socket, "there"), await told(() => socket.startTls()), await settled(socket.close()), await settled(socket.closed)];
        }
        async make(address) { const socket = connect(address); await socket.opened; return socket; }
        early(address) { return connect(address); }
      }`,
  });
  const worker = await host.start({
    name: "maker",
    code: `import { connect } from "cloudflare:sockets";
      ${settled}
      export default { async fetch(request, { USER }) {
        const address = "127.0.0.1:" + new URL(request.url).searchParams.get("echo");
        const open = async (options) => { const socket = connect(address, options); await socket.opened; return socket; };
        const lent = await open({ secureTransport: "starttls" });
        const used = await USER.use(lent);
        const closed = await open();
        await closed.close();
        const locked = await open();
        locked.writable.getWriter();
        const made = await USER.make(address);
        return Response.json([used, [lent.readable.locked, lent.writable.locked],
          await told(() => USER.use(lent)), await told(() => USER.use(closed)), await told(() => USER.use(locked)),
          await told(() => USER.use(connect(address))), await told(() => USER.early(address)), await told(() => structuredClone(made)),
          await ask(made, "back"), await settled(made.close())]);
      } };`,
    spec: {
      compatibilityDate: "2026-11-17",
      compatibilityFlags: [],
      bindings: [{ type: "service", name: "USER", target: { service: "user" } }],
    },
  });
  const { text, failure } = await worker.fetch(`/${portsOf(servers)}`);
  if (failure !== undefined) throw new Error(failure.stack);
  const early =
    "DataCloneError: A Socket can only be serialized after it has opened. Await `socket.opened` before transferring the socket over RPC.";
  const started =
    "TypeError: startTls has already been called on this socket, or the socket was transferred over RPC.";
  expect(JSON.parse(text)).toEqual([
    [
      "[object Socket]",
      ["remoteAddress", "localAddress"],
      false,
      "starttls",
      "there",
      started,
      "done",
      "done",
    ],
    [true, true],
    "TypeError: The ReadableStream has been locked to a reader.",
    "TypeError: This ReadableStream is disturbed.",
    "TypeError: This WritableStream is currently locked to a writer.",
    early,
    early,
    "DataCloneError: Socket can only be serialized for RPC.",
    "back",
    "done",
  ]);
});

test("a socket belongs to the request that opened it", async () => {
  await using servers = await tcpServers();
  await using host = new TestHost();
  const worker = await load(host, "tcp");
  await worker.fetch(`/keep${portsOf(servers)}`);
  const { text } = await worker.fetch(`/use${portsOf(servers)}`);
  expect(JSON.parse(text)).toEqual([
    expect.stringMatching(FOREIGN),
    expect.stringMatching(FOREIGN),
  ]);
});

const MANY_BYTES = 24 * 1024 * 1024;

/** Ends with what it got. */
const HASHES = `import { connect } from "cloudflare:sockets";
export default {
  async fetch(request) {
    const { searchParams } = new URL(request.url);
    const source = connect("127.0.0.1:" + searchParams.get("source"));
    if (searchParams.has("target")) {
      const target = connect("127.0.0.1:" + searchParams.get("target"), { allowHalfOpen: true });
      await source.readable.pipeTo(target.writable);
      return new Response(target.readable);
    }
    const reader = source.readable.getReader();
    const { value } = await reader.read();
    // Time passes, and more would come if it could.
    const echo = connect("127.0.0.1:" + searchParams.get("echo"));
    const [writer, echoed] = [echo.writable.getWriter(), echo.readable.getReader()];
    for (let i = 0; i < 100; i += 1) {
      await writer.write("x");
      await echoed.read();
    }
    return Response.json(value.byteLength);
  },
};`;

async function listening(onSocket: (socket: Socket) => void): Promise<{
  readonly port: number;
  close(): void;
}> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket.on("error", () => {}));
    onSocket(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  return {
    port,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

describe("what goes through a socket", () => {
  const bytes = randomBytes(MANY_BYTES);

  test("arrives whole, from one connection into another", async () => {
    await using host = new TestHost();
    const worker = await host.start({ code: HASHES });
    const source = await listening((socket) => socket.end(bytes));
    const hash = createHash("sha256");
    const target = await listening((socket) => {
      socket.on("data", (data) => hash.update(data));
      socket.on("end", () => socket.end(hash.digest("hex")));
    });
    const { text } = await worker.fetch(`/?source=${source.port}&target=${target.port}`);
    expect(text).toBe(createHash("sha256").update(bytes).digest("hex"));
    source.close();
    target.close();
  });

  test("waits at its source while the Worker does not read", async () => {
    await using host = new TestHost();
    await using servers = await tcpServers();
    const worker = await host.start({ code: HASHES });
    let sent = 0;
    const source = await listening((socket) => {
      const send = (): void => {
        socket.write(bytes.subarray(0, 1024 * 1024), (error) => {
          if (error) return;
          sent += 1024 * 1024;
          send();
        });
      };
      send();
    });
    const answer = await worker.fetch(`/?source=${source.port}&echo=${servers.echo}`);
    expect(Number(answer.text)).toBeGreaterThan(0);
    // What is under way fills the buffers of the system, and no more.
    expect(sent).toBeLessThan(MANY_BYTES);
    source.close();
  });
});
