import { expect, test } from "vitest";
import { startHost } from "./start-host.ts";

const text = async (response: Promise<Response>): Promise<string> => (await response).text();
const CRASHER = `return (r) => {
  if (r.url.endsWith("/crash")) process.exit(7);
  if (r.url.endsWith("/wait")) return api.log("waiting"), new Promise(() => {});
  return { body: "alive " + api.threadId };
};`;

test("answers what a crashed thread left open and starts it again", async () => {
  await using host = await startHost();
  await host.loadAndWait("a", CRASHER);
  const first = await text(fetch(host.url("/")));
  const waiting = fetch(host.url("/wait"));
  await host.waitFor("log");
  const crash = await fetch(host.url("/crash"), { headers: { accept: "text/plain" } });
  expect(crash.status).toBe(500);
  expect(await crash.text()).toContain('Worker "a" crashed: its thread exited with code 7');
  expect((await waiting).status).toBe(500);
  const { reason } = await host.waitFor("crashed");
  expect(reason).toBe("its thread exited with code 7");
  const second = await text(fetch(host.url("/")));
  expect(second).toMatch(/^alive /);
  expect(second).not.toBe(first);
});

test("gives up on a Worker that keeps crashing until it is loaded again", async () => {
  await using host = await startHost();
  await host.loadAndWait("a", CRASHER);
  for (let i = 0; i < 6; i++) expect((await fetch(host.url("/crash"))).status).toBe(500);
  expect(await text(fetch(host.url("/")))).toContain("not restarted: it keeps crashing");
  const status = (await (await fetch(host.url("/cdn-cgi/drover/status"))).json()) as {
    workers: { status: string }[];
  };
  expect(status.workers[0]?.status).toBe("crashed");
  await host.loadAndWait("a", CRASHER);
  expect(await text(fetch(host.url("/")))).toMatch(/^alive/);
});

test("goes back to the last good version when it crashes while a bad one loads", async () => {
  await using host = await startHost();
  await host.loadAndWait("a", CRASHER);
  host.load(
    "a",
    `api.log("evaluating");
    await new Promise((resolve) => setTimeout(resolve, 200));
    throw new Error("bad version");`,
  );
  await host.waitFor("log");
  expect((await fetch(host.url("/crash"))).status).toBe(500);
  const parked = text(fetch(host.url("/")));
  await host.waitFor("load-failed");
  expect(await parked).toMatch(/^alive/);
});

test("a Worker in an endless loop stops nobody else, and is named as busy", async () => {
  await using host = await startHost({ settings: { workers: ["a", "b"], drainMs: 100 } });
  await host.loadAndWait("a", `return () => { for (;;); }`);
  await host.loadAndWait("b", `return () => ({ body: "b" })`);
  const stuck = text(fetch(host.url("/")));
  await host.waitFor("busy", (message) => message.workers.join() === "a");
  const fromB = fetch(host.url("/"), { headers: { "mf-route-override": "b" } });
  expect(await text(fromB)).toBe("b");
  await host.loadAndWait("a", `return () => ({ body: "cured" })`);
  expect(await stuck).toBe("cured");
});

test("says whether a Worker computes when it is asked: one that loops, one that waits, one that has none", async () => {
  await using host = await startHost({ settings: { workers: ["a", "b"] } });
  await host.loadAndWait("a", `return () => { for (;;); }`);
  await host.loadAndWait("b", `return () => new Promise(() => {})`);
  const open = ["a", "b"].map((name) =>
    text(fetch(host.url("/"), { headers: { "mf-route-override": name } })).catch(() => "cut off"),
  );
  let asked = 0;
  const isComputing = async (worker: string): Promise<boolean> => {
    const request = asked++;
    host.send({ type: "is-computing", request, worker });
    return (await host.waitFor("computing", (message) => message.request === request)).answer;
  };
  // As soon as its request has arrived.
  await expect.poll(() => isComputing("a")).toBe(true);
  for (const [worker, answer] of Object.entries({ a: true, b: false, nobody: false })) {
    expect([worker, await isComputing(worker)]).toEqual([worker, answer]);
  }
  host.child.kill("SIGKILL");
  await Promise.all(open);
});

test("ends a thread whose memory runs away, and only that one", async () => {
  await using host = await startHost({
    settings: { workers: ["a", "b"], memoryLimitMb: 150 },
  });
  await host.loadAndWait(
    "a",
    `return () => { const all = []; for (;;) all.push({ x: all.length }); }`,
  );
  await host.loadAndWait("b", `let n = 0; return () => ({ body: String(++n) })`);
  const toB = () => text(fetch(host.url("/"), { headers: { "mf-route-override": "b" } }));
  expect(await toB()).toBe("1");
  const response = await fetch(host.url("/"));
  expect(response.status).toBe(500);
  expect(await response.text()).toMatch(/used \d+ MB of memory, more than the limit of 150 MB/);
  expect(await toB()).toBe("2");
});
