import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { expect, test } from "vitest";
import { openSocket, rawRequest } from "./raw-client.ts";
import { bindHandle, startHost } from "./start-host.ts";
import { CERT, KEY } from "./tls-pair.ts";

test("serves a Worker's thread over HTTP and reports the request once", async () => {
  await using host = await startHost();
  await host.loadAndWait("a", `return (r) => ({ body: r.method + " " + r.url })`);
  const response = await fetch(host.url("/x?y=1"));
  expect(response.status).toBe(200);
  expect(await response.text()).toBe(`GET ${host.url("/x?y=1")}`);
  const { entry } = await host.waitFor("request");
  expect(entry).toMatchObject({ worker: "a", method: "GET", path: "/x", status: 200 });
  expect(entry).toMatchObject({ statusText: "OK", aborted: false });
  expect(host.requests()).toHaveLength(1);
});

test("gives the Worker production's headers and cf, with the client's encodings in cf", async () => {
  await using host = await startHost();
  await host.loadAndWait(
    "a",
    `return (r) => ({ body: JSON.stringify({ headers: r.headers, cf: JSON.parse(r.cfText) }) })`,
  );
  const response = await fetch(host.url("/"), {
    headers: {
      "accept-encoding": "gzip;q=0.5",
      "x-name": Buffer.from("né", "utf8").toString("latin1"),
    },
  });
  const { headers, cf } = (await response.json()) as {
    headers: Record<string, string>;
    cf: Record<string, string>;
  };
  expect(headers["accept-encoding"]).toBe("br, gzip");
  expect(headers["cf-connecting-ip"]).toBe("127.0.0.1");
  expect(headers["x-name"]).toBe("né");
  expect(cf).toMatchObject({ clientAcceptEncoding: "gzip;q=0.5", httpProtocol: "HTTP/1.1" });
  expect(cf.colo).toMatch(/^[A-Z]{3}$/);
});

test("answers 500 parallel requests, each with its own answer", async () => {
  await using host = await startHost();
  await host.loadAndWait("a", `return (r) => ({ body: new URL(r.url).pathname })`);
  const paths = Array.from({ length: 500 }, (_, i) => `/${i}`);
  const bodies = await Promise.all(paths.map(async (path) => (await fetch(host.url(path))).text()));
  expect(bodies).toEqual(paths);
});

test("answers pipelined requests on one connection in their order", async () => {
  await using host = await startHost();
  await host.loadAndWait(
    "a",
    `return async (r) => {
      if (r.url.endsWith("/slow")) await new Promise((resolve) => setTimeout(resolve, 20));
      return { body: r.url.split("/").pop() };
    }`,
  );
  const text = await rawRequest(
    host.port,
    "GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET /fast HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
  );
  expect(text.match(/\r\n\r\n(slow|fast)/g)).toEqual(["\r\n\r\nslow", "\r\n\r\nfast"]);
});

test("sends bodies as text, bytes and streams with the right framing", async () => {
  await using host = await startHost();
  await host.loadAndWait(
    "a",
    `const bodies = {
      "/ascii": () => ({ body: "plain" }),
      "/utf8": () => ({ body: "žluť", headers: "x-word\\nžluť" }),
      "/bytes": () => ({ body: new Uint8Array([0, 255, 10]) }),
      "/null": () => ({ body: null }),
      "/204": () => ({ status: 204, body: null }),
      "/stream": () => ({ headers: "x-word\\nžluť", body: (async function* () { yield new Uint8Array([104, 105]); })() }),
      "/sized": () => ({ length: 2, body: (async function* () { yield new Uint8Array([104, 105]); })() }),
      "/cookies": () => ({ status: 201, statusText: "Made", headers: "set-cookie\\na=1\\nset-cookie\\nb=2", body: "x" }),
    };
    return (r) => bodies[new URL(r.url).pathname]();`,
  );
  // What has no type is compressed for those that accept it.
  const plain = { headers: { "accept-encoding": "identity" } };
  const get = (path: string) => fetch(host.url(path), plain);
  expect(await (await get("/ascii")).text()).toBe("plain");
  const utf8 = await get("/utf8");
  expect(utf8.headers.get("content-length")).toBe("6");
  expect(await utf8.text()).toBe("žluť");
  expect(utf8OfLatin1(utf8.headers.get("x-word"))).toBe("žluť");
  expect([...new Uint8Array(await (await get("/bytes")).arrayBuffer())]).toEqual([0, 255, 10]);
  expect((await get("/null")).headers.get("content-length")).toBe("0");
  expect((await get("/204")).headers.get("content-length")).toBeNull();
  const stream = await get("/stream");
  expect(stream.headers.get("transfer-encoding")).toBe("chunked");
  expect(utf8OfLatin1(stream.headers.get("x-word"))).toBe("žluť");
  expect(await stream.text()).toBe("hi");
  const sized = await get("/sized");
  expect(sized.headers.get("content-length")).toBe("2");
  expect(await sized.text()).toBe("hi");
  const cookies = await get("/cookies");
  expect([cookies.status, cookies.statusText]).toEqual([201, "Made"]);
  expect(cookies.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
});

test("answers HEAD with the head of the GET and no body", async () => {
  await using host = await startHost();
  await host.loadAndWait(
    "a",
    `return (r) => r.url.endsWith("/stream")
      ? { body: (async function* () { for (;;) yield new Uint8Array(1000); })() }
      : { body: "12345" };`,
  );
  const text = await rawRequest(
    host.port,
    "HEAD / HTTP/1.1\r\nHost: a\r\n\r\nHEAD /stream HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
  );
  expect(text).toMatch(/content-length: 5/i);
  expect(text.split("\r\n\r\n").filter((part) => part !== "")).toHaveLength(2);
});

test("carries request bodies whole, inline or streamed", async () => {
  await using host = await startHost();
  await host.loadAndWait(
    "a",
    `return async (r) => {
      let size = 0;
      for await (const chunk of r.read()) size += chunk.byteLength;
      return { body: (r.inline === 1 ? "streamed " : "inline ") + size };
    }`,
  );
  const post = async (size: number) =>
    (await fetch(host.url("/"), { method: "POST", body: new Uint8Array(size) })).text();
  expect(await post(10)).toBe("inline 10");
  expect(await post(3_000_000)).toBe("streamed 3000000");
  expect(await (await fetch(host.url("/"), { method: "POST" })).text()).toBe("inline 0");
});

test("says 100 Continue when a thread takes the request", async () => {
  await using host = await startHost();
  const socket = await openSocket(host.port);
  socket.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  await host.loadAndWait(
    "a",
    `return async (r) => {
      let text = "";
      for await (const chunk of r.read()) text += new TextDecoder().decode(chunk);
      return { body: "got " + text };
    }`,
  );
  await socket.waitFor("HTTP/1.1 100 Continue");
  socket.write("ok");
  await socket.waitFor("got ok");
  socket.destroy();
});

test("answers malformed requests with 400 and goes on", async () => {
  await using host = await startHost();
  await host.loadAndWait("a", `return () => ({ body: "fine" })`);
  expect(await rawRequest(host.port, "NONSENSE\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
  const huge = `GET / HTTP/1.1\r\nHost: a\r\nx: ${"y".repeat(600_000)}\r\n\r\n`;
  expect(await rawRequest(host.port, huge)).toMatch(/^HTTP\/1\.1 431 /);
  expect(await (await fetch(host.url("/"))).text()).toBe("fine");
});

test("refuses Host headers that no URL can have, and CONNECT", async () => {
  await using host = await startHost();
  await host.loadAndWait("a", `return () => ({ body: "fine" })`);
  for (const name of ["exa mple", "a/b", "user@a", "a:port", "[::1"]) {
    const answer = await rawRequest(
      host.port,
      `GET / HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`,
    );
    expect(answer, name).toMatch(/^HTTP\/1\.1 400 /);
  }
  const tunnel = "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n";
  expect(await rawRequest(host.port, tunnel)).toMatch(/^HTTP\/1\.1 405 /);
});

test("routes <worker>.localhost to that Worker and lists the Workers for unknown names", async () => {
  await using host = await startHost({ settings: { workers: ["a", "b"] } });
  await host.loadAndWait("a", `return () => ({ body: "from a" })`);
  await host.loadAndWait("b", `return (r) => ({ body: "from b " + r.url })`);
  const get = (hostHeader: string, more = "") =>
    rawRequest(
      host.port,
      `GET / HTTP/1.1\r\nHost: ${hostHeader}\r\n${more}Connection: close\r\n\r\n`,
    );
  expect(await get("localhost")).toContain("from a");
  expect(await get("B.localhost:1")).toContain("from b http://B.localhost:1/");
  expect(await get("localhost", "MF-Route-Override: b\r\n")).toContain("from b");
  const missing = await get(`zzz.localhost:${host.port}`);
  expect(missing).toMatch(/^HTTP\/1\.1 404 /);
  expect(missing).toContain(`http://b.localhost:${host.port}/`);
});

test("tells its status to local clients and nothing to others", async () => {
  await using host = await startHost({ settings: { workers: ["a", "b"] } });
  await host.loadAndWait("a", `return () => ({ body: "a" })`);
  const status = await fetch(host.url("/cdn-cgi/drover/status"));
  const { primary, workers } = (await status.json()) as {
    primary: string;
    workers: Record<string, unknown>[];
  };
  expect(primary).toBe("a");
  expect(workers[0]).toMatchObject({ name: "a", status: "ready", generation: 1 });
  expect(workers[0]).toMatchObject({ url: `http://a.localhost:${host.port}/` });
  expect(workers[0]?.entrypoints).toMatchObject([{ name: "default" }]);
  expect(workers[1]).toMatchObject({ name: "b", status: "building", generation: 0 });
  const get = (hostHeader: string, more = "") =>
    rawRequest(
      host.port,
      `GET /cdn-cgi/drover/status HTTP/1.1\r\nHost: ${hostHeader}\r\n${more}Connection: close\r\n\r\n`,
    );
  expect(await get("evil.example")).toMatch(/403 [\s\S]*Invalid Host header/);
  expect(await get("localhost", "Origin: http://evil.example\r\n")).toMatch(
    /403 [\s\S]*Invalid Origin header/,
  );
});

test("renders an uncaught exception for browsers and for others", async () => {
  await using host = await startHost();
  await host.loadAndWait("a", `return () => { throw new TypeError("bad <b> thing"); }`);
  const get = (accept: string) => fetch(host.url("/p"), { headers: { accept } });
  const html = await get("text/html,*/*");
  expect(html.status).toBe(500);
  expect(html.headers.get("content-type")).toBe("text/html;charset=utf-8");
  const page = await html.text();
  expect(page).toContain("bad &#60;b&#62; thing");
  expect(page).not.toContain("<b>");
  const text = await get("application/json");
  expect(text.headers.get("content-type")).toBe("text/plain;charset=UTF-8");
  expect(await text.text()).toMatch(/^TypeError: bad <b> thing\n {4}at /);
  const head = await fetch(host.url("/p"), { method: "HEAD" });
  expect([head.status, await head.text()]).toEqual([500, ""]);
});

test("reports sockets that it cannot listen on", async () => {
  await using host = await startHost();
  const blocked = bindHandle(host.port);
  host.send({ type: "listen", id: 2, secure: false }, blocked);
  const free = bindHandle();
  host.send({ type: "listen", id: 3, secure: true }, free);
  const taken = await host.waitFor("listen-failed", ({ id }) => id === 2);
  expect(taken.code).toBe("EADDRINUSE");
  const insecure = await host.waitFor("listen-failed", ({ id }) => id === 3);
  expect(insecure.code).toBe("ERR_NO_TLS");
  blocked.close();
  free.close();
});

test("keeps a connection that was idle open for the next request", async () => {
  await using host = await startHost();
  await host.loadAndWait("a", `return () => ({ body: "x" })`);
  const socket = await openSocket(host.port);
  for (let i = 0; i < 3; i++) {
    socket.received = "";
    socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await socket.waitFor("\r\n\r\nx");
  }
  expect(socket.received).not.toMatch(/connection: close/i);
  socket.destroy();
});

test("serves HTTPS with the session's certificate", async () => {
  await using host = await startHost({
    settings: { tls: { key: KEY, cert: CERT }, upstreamProtocol: "https" },
  });
  await host.loadAndWait("a", `return (r) => ({ body: r.url })`);
  const handle = bindHandle();
  host.send({ type: "listen", id: 2, secure: true }, handle);
  const { port } = await host.waitFor("listening", ({ id }) => id === 2);
  const body = await new Promise<string>((resolve, reject) => {
    const options = { host: "127.0.0.1", port, path: "/s", ca: CERT, servername: "localhost" };
    const request = httpsRequest(options, (response) => {
      response.setEncoding("utf8").on("data", resolve);
    });
    request.on("error", reject).end();
  });
  expect(body).toBe(`https://127.0.0.1:${port}/s`);
  handle.close();
});

test("uses the configured host and scheme for request.url", async () => {
  await using host = await startHost({
    settings: { hosts: { a: "shop.example" }, upstreamProtocol: "https" },
  });
  await host.loadAndWait("a", `return (r) => ({ body: r.url })`);
  const body = await new Promise<string>((resolve, reject) => {
    const request = httpRequest(host.url("/x?q"), (response) => {
      response.setEncoding("utf8").on("data", resolve);
    });
    request.on("error", reject).end();
  });
  expect(body).toBe("https://shop.example/x?q");
});

function utf8OfLatin1(text: string | null): string {
  return Buffer.from(text ?? "", "latin1").toString("utf8");
}
