import { expect, test } from "vitest";
import type { SessionToHost } from "../../../src/protocol/host.ts";
import { Connections } from "../../../src/session/connections.ts";
import type { SessionEvent } from "../../../src/session/events.ts";
import { noPeers, type PeerState } from "../../../src/session/peers.ts";
import type { WorkerView } from "../../../src/session/status.ts";
import { resolvedConfig, service } from "../../helpers/resolved-config.ts";

const ready: PeerState = {
  state: "ready",
  entrypoints: [{ name: "default", kind: "class", methods: [] }],
};

/** A session with one Worker bound to `auth` and `mail`, and what it says and sends. */
function follow() {
  const there = new Map<string, PeerState>();
  const worker: WorkerView = {
    name: "api",
    config: resolvedConfig({
      name: "api",
      services: [service("AUTH", "auth"), service("MAIL", "mail")],
    }),
    state: "ready",
    entrypoints: [],
  };
  const said: SessionEvent[] = [];
  const sent: SessionToHost[] = [];
  const connections = new Connections({
    status: () => ({
      workers: [worker],
      peers: { ...noPeers, lookup: (name) => there.get(name) },
      strict: false,
      queues: { consumerOf: () => undefined, waiting: () => 0 },
    }),
    send: (message) => sent.push(message),
    dispatch: (event) => said.push(event),
  });
  const set = (name: string, state: PeerState | undefined) => {
    if (state === undefined) there.delete(name);
    else there.set(name, state);
    connections.update();
  };
  return { connections, set, said, sent };
}

test("the first state is no event; after that only rows that changed are", () => {
  const { connections, set, said } = follow();
  set("mail", ready);
  connections.follow();
  expect(said).toEqual([]);
  set("auth", ready);
  expect(said).toMatchObject([
    { type: "connections-changed", changes: [{ worker: "api", rows: [{ binding: "AUTH" }] }] },
  ]);
  set("auth", ready);
  expect(said).toHaveLength(1);
});

test("a missing Worker on its way is no news, one that fails or leaves is", () => {
  const { connections, set, said } = follow();
  connections.follow();
  set("auth", { state: "starting" });
  expect(said).toEqual([]);
  set("auth", { state: "failed" });
  expect(said).toMatchObject([{ changes: [{ rows: [{ reason: "auth failed to start" }] }] }]);
  set("auth", ready);
  set("auth", { state: "starting" });
  expect(said).toHaveLength(3);
});

test("the host gets every state once, and a new host the present one", () => {
  const { connections, set, sent } = follow();
  set("auth", ready);
  set("auth", ready);
  connections.restore();
  const of = (message: SessionToHost) => message.type === "connections" && message.connections.api;
  expect(sent.map(of)).toMatchObject([
    [{ connected: true }, { connected: false }],
    [{ connected: true }, { connected: false }],
  ]);
});

test("bindings lead outside unless a Worker of the session has the name", () => {
  expect(follow().connections.leadOutside).toBe(true);
});
