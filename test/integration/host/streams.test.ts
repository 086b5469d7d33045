import { request } from "node:http";
import { expect, test } from "vitest";
import { eventually } from "../../helpers/eventually.ts";
import { openSocket, rawRequest } from "./raw-client.ts";
import { startHost, type TestHost } from "./start-host.ts";

const ECHO = `return (r) => ({ body: r.read() })`;
/** Answers at once and logs what becomes of the body. */
const READ = `return async (r) => {
  api.log("begin");
  r.signal.addEventListener("abort", () => api.log("aborted"));
  let size = 0;
  for await (const chunk of r.read()) size += chunk.byteLength;
  return { body: "size " + size };
}`;
/** Yields for ever, and logs when it is told to stop. */
const ENDLESS = `return (r) => {
  r.signal.addEventListener("abort", () => api.log("aborted after " + sent));
  let sent = 0;
  return { body: (async function* () {
    for (;;) { const chunk = new Uint8Array(65536).fill(65); sent += chunk.byteLength; yield chunk; }
  })() };
}`;

async function waitForLog(host: TestHost, text: RegExp): Promise<string> {
  const { entry } = await host.waitFor("log", (message) => text.test(message.entry.text));
  return entry.text;
}

/** What the host process has in memory, in MB. */
async function residentMegabytes(host: TestHost): Promise<number> {
  const { readFile } = await import("node:fs/promises");
  const status = await readFile(`/proc/${host.child.pid}/status`, "utf8");
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

test("echoes 500 MB while both directions flow, without holding it", async () => {
  await using host = await startHost();
  await host.loadAndWait("a", ECHO);
  const before = await residentMegabytes(host);
  const total = 500 * 1024 * 1024;
  const piece = Buffer.alloc(100_000, "x");
  let received = 0;
  await new Promise<void>((resolve, reject) => {
    const upload = request(host.url("/"), { method: "POST" }, (response) => {
      response.on("data", (chunk: Buffer) => {
        received += chunk.byteLength;
      });
      response.on("end", resolve).on("error", reject);
    });
    upload.on("error", reject);
    let sent = 0;
    const write = (): void => {
      while (sent < total) {
        const next = piece.subarray(0, Math.min(piece.byteLength, total - sent));
        sent += next.byteLength;
        if (!upload.write(next)) {
          upload.once("drain", write);
          return;
        }
      }
      upload.end();
    };
    write();
  });
  expect(received).toBe(total);
  if (process.platform === "linux")
    expect((await residentMegabytes(host)) - before).toBeLessThan(320);
});

test("sends no more of an upload than the Worker gave credit for", async () => {
  await using host = await startHost();
  await host.loadAndWait(
    "a",
    `let upload;
    return (r) => {
      if (r.method === "GET")
        return { body: String(upload?.chunks.reduce((sum, { byteLength }) => sum + byteLength, 0)) };
      upload = r;
      return new Promise(() => {});
    };`,
  );
  const socket = await openSocket(host.port);
  socket.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4000000\r\n\r\n");
  socket.write(Buffer.alloc(4_000_000));
  const arrived = async () => Number(await (await fetch(host.url("/"))).text());
  await eventually(async () => expect(await arrived()).toBeGreaterThan(192 * 1024));
  expect(await arrived()).toBeLessThanOrEqual(256 * 1024);
  socket.destroy();
});

test("stops reading from a Worker whose client does not read", async () => {
  await using host = await startHost();
  await host.loadAndWait("a", ENDLESS);
  const socket = await openSocket(host.port);
  socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await socket.waitFor("HTTP/1.1 200");
  socket.socket.pause();
  // The other Worker turns go on; once the Worker's credit is used up its generator rests.
  const other = await fetch(host.url("/"), { method: "HEAD" });
  expect(other.status).toBe(200);
  socket.destroy();
  const text = await waitForLog(host, /^aborted after [1-9]/);
  // Kernel buffers on both sides, Node's, and the credit: far from endless.
  expect(Number(text.split(" ").pop())).toBeLessThan(32 * 1024 * 1024);
});

test("tells the Worker when the client leaves in the middle of a response", async () => {
  await using host = await startHost();
  await host.loadAndWait("a", ENDLESS);
  const controller = new AbortController();
  const response = await fetch(host.url("/"), { signal: controller.signal });
  const reader = response.body?.getReader();
  await reader?.read();
  controller.abort();
  await waitForLog(host, /^aborted after/);
  const { entry } = await host.waitFor("request");
  expect(entry).toMatchObject({ status: 200, aborted: true });
});

test("survives a half-sent POST whose client disconnects", async () => {
  await using host = await startHost();
  await host.loadAndWait("a", READ);
  const socket = await openSocket(host.port);
  socket.write("POST /half HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n12345");
  await waitForLog(host, /begin/);
  socket.destroy();
  await waitForLog(host, /aborted/);
  const { entry } = await host.waitFor("request", (m) => m.entry.path === "/half");
  expect(entry).toMatchObject({ method: "POST", aborted: true });
  const next = await fetch(host.url("/"), { method: "POST", body: "123" });
  expect(await next.text()).toBe("size 3");
});

test("survives many uploads that are reset half-way", async () => {
  await using host = await startHost();
  await host.loadAndWait("a", READ);
  const sockets = await Promise.all(Array.from({ length: 50 }, () => openSocket(host.port)));
  for (const socket of sockets) {
    socket.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\n");
    socket.write(Buffer.alloc(300_000));
  }
  for (const socket of sockets) socket.socket.resetAndDestroy();
  const response = await fetch(host.url("/"), { method: "POST", body: Buffer.alloc(1_000_000) });
  expect(await response.text()).toBe("size 1000000");
});

test("answers before the upload is read and keeps the connection", async () => {
  await using host = await startHost();
  await host.loadAndWait("a", `return () => ({ body: "early" })`);
  const socket = await openSocket(host.port);
  socket.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 600000\r\n\r\n");
  await socket.waitFor("early");
  socket.write(Buffer.alloc(600_000));
  socket.received = "";
  socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await socket.waitFor("early");
  socket.destroy();
});

test("discards what the Worker does not want of an upload", async () => {
  await using host = await startHost();
  await host.loadAndWait(
    "a",
    `return async (r) => {
      for await (const chunk of r.read()) { r.cancelBody(); break; }
      await new Promise((resolve) => setTimeout(resolve, 10));
      return { body: "enough" };
    }`,
  );
  const body = Buffer.alloc(5_000_000);
  expect(await (await fetch(host.url("/"), { method: "POST", body })).text()).toBe("enough");
});

test("cuts the connection when a body fails or breaks its announced length", async () => {
  await using host = await startHost();
  await host.loadAndWait(
    "a",
    `const bytes = new Uint8Array(10);
    const bodies = {
      "/fails": () => ({ body: (async function* () { yield bytes; throw new Error("midway"); })() }),
      "/never": () => ({ body: (async function* () { throw new Error("at once"); })() }),
      "/short": () => ({ length: 20, body: (async function* () { yield bytes; })() }),
      "/long": () => ({ length: 5, body: (async function* () { yield bytes; })() }),
    };
    return (r) => bodies[new URL(r.url).pathname]();`,
  );
  for (const path of ["/fails", "/never", "/short", "/long"]) {
    const whole = fetch(host.url(path)).then((response) => response.text());
    await expect(whole).rejects.toThrow();
    const { entry } = await host.waitFor("request", (message) => message.entry.path === path);
    expect(entry).toMatchObject({ status: 200, aborted: false, cut: true });
    // The head arrives: a client that was told nothing would ask again.
    const text = `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
    expect(await rawRequest(host.port, text)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  }
});
