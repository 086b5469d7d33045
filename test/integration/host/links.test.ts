import { expect, test } from "vitest";
import { startHost } from "./start-host.ts";

/** Asks for a link to the service in the query and shows what came. */
const CALLER = `return async (r) => {
  const answer = await api.link(new URL(r.url).searchParams.get("to"));
  const { type, peer, message, detail, path } = answer;
  let reply;
  if (answer.port) {
    answer.port.postMessage("hello");
    reply = await new Promise((resolve) => answer.port.once("message", resolve));
  }
  return { body: JSON.stringify({ type, peer, message, detail, path, reply }) };
};`;
const callee = (name: string): string => `
api.onLink = ({ type, peer, port }) => {
  if (type === "link") port.on("message", (m) => port.postMessage(m + " from ${name} to " + peer.service));
};
return () => ({ body: JSON.stringify(api.received.map(({ type, service }) => ({ type, service }))) });`;

const json = async (response: Promise<Response>): Promise<unknown> => (await response).json();
const TWO = { settings: { workers: ["a", "b"] } };

test("connects two threads by a pair of ports", async () => {
  await using host = await startHost(TWO);
  await host.loadAndWait("a", CALLER);
  const generation = await host.loadAndWait("b", callee("b"));
  expect(await json(fetch(host.url("/?to=b")))).toEqual({
    type: "link",
    peer: { service: "b", generation },
    reply: "hello from b to a",
  });
});

test("links a Worker to itself", async () => {
  await using host = await startHost();
  await host.loadAndWait(
    "a",
    `api.onLink = ({ type, port }) => type === "link" && port.on("message", (m) => port.postMessage(m + " self"));
    ${CALLER}`,
  );
  expect(await json(fetch(host.url("/?to=a")))).toMatchObject({ reply: "hello self" });
});

test("waits with a link until the callee is there", async () => {
  await using host = await startHost(TWO);
  await host.loadAndWait("a", CALLER);
  const answer = json(fetch(host.url("/?to=b")));
  await host.loadAndWait("b", callee("b"));
  expect(await answer).toMatchObject({ type: "link", reply: "hello from b to a" });
});

test("refuses links to a Worker whose build failed, with the build error", async () => {
  await using host = await startHost(TWO);
  await host.loadAndWait("a", CALLER);
  const answer = json(fetch(host.url("/?to=b")));
  host.send({ type: "build-failed", worker: "b", text: "b.ts:1:1: ERROR" });
  expect(await answer).toEqual({
    type: "link-refused",
    message: 'Worker "b" could not be built.\nb.ts:1:1: ERROR',
  });
});

test("refuses links to a Worker whose evaluation failed, with the error", async () => {
  await using host = await startHost(TWO);
  await host.loadAndWait("a", CALLER);
  const answer = json(fetch(host.url("/?to=b")));
  host.load("b", `throw new RangeError("at the top")`);
  expect(await answer).toEqual({
    type: "link-refused",
    message: 'Worker "b" failed to start: RangeError: at the top',
  });
});

test("refuses links to names that no Worker has", async () => {
  await using host = await startHost(TWO);
  await host.loadAndWait("a", CALLER);
  expect(await json(fetch(host.url("/?to=nobody")))).toEqual({
    type: "link-refused",
    message: 'Worker "nobody" not found. Make sure it is running locally.',
    detail: "Workers of this session: a, b",
  });
});

test("asks the session for Workers of other processes", async () => {
  await using host = await startHost({ settings: { registry: true } });
  await host.loadAndWait("a", CALLER);
  const found = json(fetch(host.url("/?to=far")));
  const asked = await host.waitFor("resolve-service");
  expect(asked).toMatchObject({ service: "far", from: "a" });
  host.send({
    type: "service-found",
    request: asked.request,
    path: "/tmp/far.sock",
    generation: 3,
  });
  expect(await found).toEqual({
    type: "link-socket",
    peer: { service: "far", generation: 3 },
    path: "/tmp/far.sock",
  });
  const missing = json(fetch(host.url("/?to=lost")));
  const { request } = await host.waitFor("resolve-service", (m) => m.service === "lost");
  host.send({ type: "service-missing", request, message: "no lost", detail: "start it" });
  expect(await missing).toEqual({ type: "link-refused", message: "no lost", detail: "start it" });
});

test("tells the other threads when a Worker is replaced or changes elsewhere", async () => {
  await using host = await startHost(TWO);
  await host.loadAndWait("b", callee("b"));
  await host.loadAndWait("a", CALLER);
  host.send({ type: "service-changed", service: "far" });
  await host.loadAndWait("a", CALLER);
  const seen = await json(fetch(host.url("/"), { headers: { "mf-route-override": "b" } }));
  expect(seen).toEqual([
    { type: "link-stale", service: "b" },
    { type: "link-stale", service: "a" },
    { type: "link-stale", service: "far" },
    { type: "link-stale", service: "a" },
  ]);
});

test("has a Worker listen for other processes and says where", async () => {
  await using host = await startHost();
  host.send({ type: "expose", worker: "a", path: "/tmp/a.sock" });
  const generation = await host.loadAndWait("a", callee("a"));
  const exposed = await host.waitFor("exposed");
  expect(exposed).toEqual({ type: "exposed", worker: "a", path: "/tmp/a.sock", generation });
});
