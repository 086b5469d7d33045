import { expect, test } from "vitest";
import { openSocket } from "./raw-client.ts";
import { startHost, TestHost } from "./start-host.ts";

const text = async (response: Promise<Response>): Promise<string> => (await response).text();

test("parks requests until the Worker is there", async () => {
  await using host = await startHost();
  const socket = await openSocket(host.port);
  socket.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi");
  const early = Array.from({ length: 50 }, () => text(fetch(host.url("/"))));
  await host.loadAndWait(
    "a",
    `return async (r) => {
      let body = "served";
      for await (const chunk of r.read()) body += " " + new TextDecoder().decode(chunk);
      return { body };
    }`,
  );
  expect(new Set(await Promise.all(early))).toEqual(new Set(["served"]));
  await socket.waitFor("served hi");
  socket.destroy();
});

test("forgets parked requests whose client gave up", async () => {
  await using host = await startHost();
  const socket = await openSocket(host.port);
  socket.write("GET /gone HTTP/1.1\r\nHost: a\r\n\r\n");
  socket.destroy();
  const { entry } = await host.waitFor("request");
  expect(entry).toMatchObject({ path: "/gone", aborted: true });
  await host.loadAndWait("a", `return (r) => { api.log(r.url); return { body: "x" }; }`);
  await text(fetch(host.url("/here")));
  await host.waitFor("log");
  const logs = host.messages.filter((message) => message.type === "log");
  expect(logs.map((message) => message.entry.text)).toEqual([host.url("/here")]);
});

test("refuses nobody while a Worker is replaced again and again", async () => {
  await using host = await startHost();
  await host.loadAndWait("a", `return () => ({ body: "0" })`);
  let isOver = false;
  const seen: string[] = [];
  const client = async (): Promise<void> => {
    while (!isOver) seen.push(await text(fetch(host.url("/"))));
  };
  const clients = Array.from({ length: 8 }, client);
  for (let i = 1; i <= 10; i++) await host.loadAndWait("a", `return () => ({ body: "${i}" })`);
  isOver = true;
  await Promise.all(clients);
  const values = seen.map(Number);
  expect(values.every((value) => value >= 0 && value <= 10)).toBe(true);
  expect(await text(fetch(host.url("/")))).toBe("10");
  const statuses = new Set(host.requests().map((entry) => entry.status));
  expect(statuses).toEqual(new Set([200]));
});

test("lets the old thread finish what it began", async () => {
  await using host = await startHost();
  await host.loadAndWait(
    "a",
    `return async (r) => {
      api.log("begun");
      await new Promise((resolve) => setTimeout(resolve, 100));
      return { body: "old" };
    }`,
  );
  const slow = text(fetch(host.url("/"), { method: "POST" }));
  await host.waitFor("log");
  await host.loadAndWait("a", `return () => ({ body: "new" })`);
  expect(await text(fetch(host.url("/")))).toBe("new");
  expect(await slow).toBe("old");
});

test("ends an old thread that loops, gives its GETs to the new one and refuses its POSTs", async () => {
  await using host = await startHost({ settings: { drainMs: 200 } });
  await host.loadAndWait(
    "a",
    `return (r) => {
      if (r.url.endsWith("/loop")) for (;;);
      api.log(r.method);
      return new Promise(() => {});
    }`,
  );
  const post = fetch(host.url("/"), { method: "POST", body: "x" });
  const get = text(fetch(host.url("/")));
  await host.waitFor("log", (message) => message.entry.text === "GET");
  await host.waitFor("log", (message) => message.entry.text === "POST");
  const loop = text(fetch(host.url("/loop")));
  await host.loadAndWait("a", `return () => ({ body: "new" })`);
  expect(await Promise.all([get, loop])).toEqual(["new", "new"]);
  const refused = await post;
  expect(refused.status).toBe(503);
  expect(refused.headers.get("retry-after")).toBe("0");
  expect(await refused.text()).toContain("restarted mid-request");
});

test("does not wait out the drain time of an old thread that spins", async () => {
  await using host = await startHost({ settings: { drainMs: 600_000 } });
  await host.loadAndWait("a", `return () => { for (;;); }`);
  const stuck = text(fetch(host.url("/")));
  await host.waitFor("busy", (message) => message.workers.includes("a"));
  await host.loadAndWait("a", `return () => ({ body: "new" })`);
  expect(await stuck).toBe("new");
});

test("ignores generations that are older than the newest", async () => {
  await using host = await startHost();
  host.load(
    "a",
    `await new Promise((resolve) => setTimeout(resolve, 50)); return () => ({ body: "1" })`,
  );
  const generation = await host.loadAndWait("a", `return () => ({ body: "2" })`);
  expect(await text(fetch(host.url("/")))).toBe("2");
  const loaded = host.messages.filter((message) => message.type === "loaded");
  expect(loaded.map((message) => message.generation)).toEqual([generation]);
});

test("keeps the last good version when a load fails", async () => {
  await using host = await startHost();
  await host.loadAndWait("a", `return () => ({ body: "good" })`);
  host.load("a", `throw new RangeError("at the top")`);
  const { error } = await host.waitFor("load-failed");
  expect(error).toMatchObject({ name: "RangeError", message: "at the top" });
  expect(await text(fetch(host.url("/")))).toBe("good");
  const status = (await (await fetch(host.url("/cdn-cgi/drover/status"))).json()) as {
    workers: { status: string; error: string }[];
  };
  expect(status.workers[0]).toMatchObject({ status: "ready" });
  expect(status.workers[0]?.error).toContain("at the top");
});

test("answers with the build error while there is no version, also what was parked", async () => {
  await using host = await startHost();
  const parked = fetch(host.url("/"));
  const socket = await openSocket(host.port);
  socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  host.send({ type: "build-failed", worker: "a", text: "src/a.ts:1:2: ERROR: no" });
  const response = await parked;
  expect(response.status).toBe(500);
  expect(await response.text()).toContain("src/a.ts:1:2: ERROR: no");
  const html = await fetch(host.url("/"), { headers: { accept: "text/html" } });
  expect(await html.text()).toContain("<pre>src/a.ts:1:2: ERROR: no</pre>");
  await host.loadAndWait("a", `return () => ({ body: "fixed" })`);
  expect(await text(fetch(host.url("/")))).toBe("fixed");
  socket.destroy();
});

test("answers with the error of the first evaluation", async () => {
  await using host = await startHost();
  host.load("a", `throw new RangeError("at the top")`);
  const response = await fetch(host.url("/"));
  expect(response.status).toBe(500);
  expect(await response.text()).toContain("RangeError: at the top");
});

test("drains and ends when told to stop", async () => {
  await using host = await startHost();
  await host.loadAndWait(
    "a",
    `return async () => {
      api.log("begun");
      await new Promise((resolve) => setTimeout(resolve, 100));
      return { body: "finished" };
    }`,
  );
  const last = text(fetch(host.url("/")));
  await host.waitFor("log");
  host.send({ type: "stop" });
  expect(await last).toBe("finished");
  await host.exited;
});

test("ends when the session goes away, even with a looping Worker", async () => {
  await using host = await startHost();
  await host.loadAndWait("a", `return () => { for (;;); }`);
  const lost = fetch(host.url("/")).catch(() => "lost");
  await host.waitFor("busy", (message) => message.workers.includes("a"));
  host.child.disconnect();
  await host.exited;
  expect(await lost).toBe("lost");
});

test("another host serves on the same socket after a SIGKILL; no connection is refused", async () => {
  await using first = await startHost();
  await first.loadAndWait("a", `return () => ({ body: "first" })`);
  expect(await text(fetch(first.url("/")))).toBe("first");
  first.child.kill("SIGKILL");
  await first.exited;
  const waiting = Array.from({ length: 20 }, () => text(fetch(first.url("/"))));
  await using second = new TestHost({ handle: first.handle });
  await second.waitFor("booted");
  second.send({
    type: "settings",
    settings: {
      primary: "a",
      workers: ["a"],
      registry: false,
      upstreamProtocol: "http",
      drainMs: 100,
      colors: false,
      stateRoot: "",
      mailFolder: "",
    },
  });
  second.load("a", `return () => ({ body: "second" })`);
  await second.listen();
  expect(second.port).toBe(first.port);
  expect(new Set(await Promise.all(waiting))).toEqual(new Set(["second"]));
});
