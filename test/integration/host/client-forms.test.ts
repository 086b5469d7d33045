import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { openSocket, rawRequest } from "./raw-client.ts";
import { startHost } from "./start-host.ts";

/* What the front door does for clients that production serves and Node alone would not. */

const ECHO = "return (r) => ({ body: r.method + ' ' + r.url });";

test("serves targets with raw UTF-8, and what follows on the connection", async () => {
  await using host = await startHost();
  await host.loadAndWait("a", ECHO);
  const socket = await openSocket(host.port);
  socket.write("GET /first HTTP/1.1\r\nHost: x\r\n\r\n");
  await socket.waitFor("http://x/first");
  socket.write("GET /ä/%20?q=ä HTTP/1.1\r\nHost: x\r\n\r\n");
  await socket.waitFor("http://x/%C3%A4/%20?q=%C3%A4");
  // In the same packet, and in one that is cut in the middle of its head.
  socket.write("GET /plain HTTP/1.1\r\nHost: x\r\n\r\nGET /ö HTTP/1.1\r\nHost: x\r\n\r\n");
  await socket.waitFor("http://x/%C3%B6");
  expect(socket.received).toContain("http://x/plain");
  socket.write("POST /ü HTTP/1.1\r\nHost: x\r\nContent-Le");
  socket.write("ngth: 2\r\n\r\nab");
  await socket.waitFor("POST http://x/%C3%BC");
  socket.write("GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  await socket.closed;
  expect(socket.received).toContain("http://x/last");
});

test("other bytes that no request has are refused as before", async () => {
  await using host = await startHost();
  await host.loadAndWait("a", ECHO);
  expect(await rawRequest(host.port, "ä / HTTP/1.1\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
  expect(await rawRequest(host.port, "GET / HTTP/1.1\r\nä b\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
});

test("a client that leaves a rescued connection aborts its request", async () => {
  await using host = await startHost();
  await host.loadAndWait("a", "return () => new Promise(() => {});");
  const socket = await openSocket(host.port);
  socket.write("GET /ä HTTP/1.1\r\nHost: x\r\n\r\n");
  socket.destroy();
  const { entry } = await host.waitFor("request");
  expect(entry).toMatchObject({ status: 499, aborted: true });
});

const FORMS = `return (r) => {
  const { pathname } = new URL(r.url);
  const headers = "content-type\\ntext/plain";
  if (pathname === "/large") return { headers, body: "large ".repeat(50_000) };
  if (pathname === "/garbage") return { headers: headers + "\\ncontent-encoding\\ngzip", body: "no gzip" };
  return { headers, body: "small" };
};`;

test("encodes small and large bodies for the client, with HEAD the head alone", async () => {
  await using host = await startHost();
  await host.loadAndWait("a", FORMS);
  const get = async (path: string, accept: string) => {
    const head = `GET ${path} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: ${accept}\r\nConnection: close\r\n\r\n`;
    const socket = await openSocket(host.port);
    socket.write(head);
    await socket.closed;
    const [headers = "", ...rest] = socket.received.split("\r\n\r\n");
    return { headers, body: Buffer.from(rest.join("\r\n\r\n"), "latin1") };
  };
  const small = await get("/", "gzip");
  expect(small.headers).toMatch(/content-encoding: gzip/i);
  expect(gunzipSync(small.body).toString()).toBe("small");
  expect((await get("/", "identity")).body.toString()).toBe("small");
  const large = await fetch(host.url("/large"), { headers: { "accept-encoding": "gzip" } });
  expect(large.headers.get("content-encoding")).toBe("gzip");
  expect(await large.text()).toBe("large ".repeat(50_000));
  const brotli = await fetch(host.url("/large"), { headers: { "accept-encoding": "br" } });
  expect(await brotli.text()).toBe("large ".repeat(50_000));
  const head = await fetch(host.url("/"), {
    method: "HEAD",
    headers: { "accept-encoding": "gzip" },
  });
  expect([head.headers.get("content-encoding"), head.headers.get("content-length")]).toEqual([
    "gzip",
    null,
  ]);
  const refused = await fetch(host.url("/"), { headers: { "accept-encoding": "identity;q=0" } });
  expect([refused.status, await refused.text()]).toEqual([415, "Unsupported Media Type"]);
  expect(refused.headers.get("accept-encoding")).toBe("br, gzip");
});

test("cuts the connection where a body is not in the coding that it says", async () => {
  await using host = await startHost();
  await host.loadAndWait("a", FORMS);
  const request = fetch(host.url("/garbage"), { headers: { "accept-encoding": "identity" } });
  await expect(request.then((response) => response.text())).rejects.toThrow();
  expect(await (await fetch(host.url("/"))).text()).toBe("small");
});
