import { describe, expect, test } from "vitest";
import type { EntrypointInfo } from "../../../src/protocol/worker-spec.ts";
import { noPeers, type PeerDirectory } from "../../../src/session/peers.ts";
import {
  connectionsOf,
  describeLeniencies,
  describeUncalledHandlers,
  type WorkerView,
} from "../../../src/session/status.ts";
import { resolvedConfig, service } from "../../helpers/resolved-config.ts";

const fetcher: EntrypointInfo = { name: "default", kind: "object", methods: ["fetch"] };
const calc: EntrypointInfo = { name: "Calc", kind: "class", methods: ["add"] };
const admin: EntrypointInfo = { name: "Admin", kind: "class", methods: [] };
const room: EntrypointInfo = { name: "Room", kind: "durable-object", methods: [] };

function view(
  name: string,
  entrypoints: readonly EntrypointInfo[],
  changes: Partial<WorkerView> & { services?: ReturnType<typeof service>[] } = {},
): WorkerView {
  const { services = [], ...rest } = changes;
  const config = resolvedConfig({ name, services });
  return { name, config, state: "ready", entrypoints, ...rest };
}

const queues = { consumerOf: () => undefined, waiting: () => 0 };

/** The state of one binding of `a` to `target`, with `others` in the session. */
function connect(
  target: ReturnType<typeof service>,
  others: WorkerView[],
  peers = noPeers,
  strict = false,
) {
  const a = view("a", [fetcher], { services: [target] });
  const [row] = connectionsOf(a, { workers: [a, ...others], peers, strict, queues });
  return row?.connected ? "connected" : row?.reason;
}

describe("a service binding", () => {
  test.each([
    ["to the default export of a sibling", service("B", "b"), [view("b", [fetcher])], "connected"],
    ["to itself", service("SELF", "a"), [], "connected"],
    ["to a named class", service("B", "b", "Calc"), [view("b", [fetcher, calc])], "connected"],
    ["to the only class, by leniency", service("B", "b"), [view("b", [calc])], "connected"],
    [
      "to one of two classes without saying which",
      service("B", "b"),
      [view("b", [calc, admin])],
      "b has no default export; b exports Calc, Admin",
    ],
    [
      "to an entrypoint that is not there",
      service("B", "b", "Clac"),
      [view("b", [fetcher, calc])],
      'no entrypoint "Clac"; b exports default, Calc',
    ],
    [
      "to a Durable Object class",
      service("B", "b", "Room"),
      [view("b", [fetcher, room])],
      '"Room" is a Durable Object class, not an entrypoint',
    ],
    ["to a Worker that nobody runs", service("X", "x"), [], "x is not running"],
    [
      "to a Worker that does not build",
      service("B", "b"),
      [view("b", [], { state: "failed" })],
      "b failed to start",
    ],
    [
      "to a Worker that is still starting",
      service("B", "b"),
      [view("b", [], { state: "starting" })],
      "b is starting",
    ],
    [
      "to a Worker without exports",
      service("B", "b", "X"),
      [view("b", [])],
      'no entrypoint "X"; b exports nothing',
    ],
  ])("%s", (_title, target, others, expected) => {
    expect(connect(target, others)).toBe(expected);
  });

  test("to a Worker of another process is as good as what that one exports", () => {
    const peers: PeerDirectory = {
      ...noPeers,
      enabled: true,
      lookup: (name) => (name === "far" ? { state: "ready", entrypoints: [fetcher] } : undefined),
    };
    expect(connect(service("FAR", "far"), [], peers)).toBe("connected");
    expect(connect(service("FAR", "far", "Calc"), [], peers)).toBe(
      'no entrypoint "Calc"; far exports default',
    );
  });

  test("to a sibling wins over a Worker of the same name elsewhere", () => {
    const peers: PeerDirectory = {
      ...noPeers,
      lookup: () => ({ state: "ready", entrypoints: [calc] }),
    };
    expect(connect(service("B", "b", "Calc"), [view("b", [fetcher])], peers)).toContain(
      "b exports default",
    );
  });
});

test("Durable Objects of another Worker and tail consumers have a state too", () => {
  const a: WorkerView = {
    ...view("a", [fetcher]),
    config: resolvedConfig({
      name: "a",
      externalDurableObjects: [
        { binding: "ROOMS", className: "Room", scriptName: "b" },
        { binding: "HALLS", className: "Hall", scriptName: "b" },
      ],
      tailConsumers: ["logs"],
    }),
  };
  const rows = connectionsOf(a, {
    workers: [a, view("b", [room])],
    peers: noPeers,
    strict: false,
    queues,
  });
  expect(rows.map(({ kind, connected, reason }) => [kind, connected, reason])).toEqual([
    ["durable-object", true, undefined],
    ["durable-object", false, 'no Durable Object class "Hall"; b exports Room'],
    ["tail", false, "logs is not running"],
  ]);
});

test("strictness takes leniencies away", () => {
  const connection = connect(service("B", "b"), [view("b", [calc])], noPeers, true);
  expect(connection).toBe("b has no default export; b exports Calc");
});

test("handlers that nobody calls are named, methods of a class that look like them are not", () => {
  const named = (kind: EntrypointInfo["kind"], ...methods: string[]) =>
    describeUncalledHandlers([{ name: "default", kind, methods }]).length;
  expect(named("object", "fetch", "email", "tailStream", "test")).toBe(1);
  expect(named("class", "fetch", "connect", "test")).toBe(0);
  expect(named("object", "fetch")).toBe(0);
});

test("a leniency is told with what production needs", () => {
  const a = view("a", [fetcher], { services: [service("B", "b"), service("C", "c")] });
  const texts = describeLeniencies(a, [a, view("b", [calc]), view("c", [fetcher])]);
  expect(texts).toHaveLength(1);
  expect(texts[0]).toMatch(/env\.B of a .* b has no default export.*Calc/);
  expect(texts[0]).toContain('entrypoint = "Calc"');
});
