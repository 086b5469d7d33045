import { expect, test } from "vitest";
import { RegistryWorld } from "./harness.ts";

test("the second session of a name waits, and has it as soon as the first ends", async () => {
  await using world = new RegistryWorld();
  const [a, b, peer] = [await world.open(), await world.open(), await world.open()];
  expect(await a.serve("api")).toEqual({ type: "registered" });
  expect(await b.serve("api")).toMatchObject({
    type: "conflict",
    holder: { pid: a.pid, folder: "/code/main", version: "1.0.0", since: expect.any(Number) },
  });
  expect(await b.event("conflict")).toMatchObject({ detail: { name: "api" } });
  await peer.until("api", "found", a);
  await a.kill();
  await b.event("takeover");
  await peer.until("api", "found", b);
});

test("takeover takes a name at once, tells the holder, and gives it back at the end", async () => {
  await using world = new RegistryWorld();
  const [a, b] = [await world.open(), await world.open()];
  await a.serve("api");
  expect(await b.serve("api", {}, { takeover: true })).toEqual({ type: "registered" });
  expect(await a.event("lost")).toMatchObject({ detail: { name: "api", holder: { pid: b.pid } } });
  await a.until("api", "found", b);
  await b.call("withdraw", "api");
  await a.event("takeover");
});

test("takeover holds until the daemon has heard of it, whatever is announced meanwhile", async () => {
  await using world = new RegistryWorld();
  const a = await world.open();
  await a.serve("api");
  const daemon = (await a.daemon())?.pid as number;
  process.kill(daemon, "SIGSTOP");
  const b = world.start();
  await b.event("open");
  const worker = { name: "api", entrypoints: [], durableObjectClasses: [], address: null };
  const announce = (generation: number, how: { takeover?: boolean }) =>
    b.call("announce", { ...worker, generation, ready: false }, how);
  // Its thread comes up before the registry has answered.
  const answers = [announce(0, { takeover: true }), announce(1, {})];
  await b.list();
  process.kill(daemon, "SIGCONT");
  expect(await Promise.all(answers)).toEqual(Array(2).fill({ type: "registered" }));
  await a.event("lost");
});

test("two worktrees run the same names and never call each other", async () => {
  await using world = new RegistryWorld();
  const repository = ["/code/shop/.git"];
  const [one, two] = [world.workspace("shop", repository), world.workspace("hotfix", repository)];
  const [a, b] = [await world.open({ workspace: one }), await world.open({ workspace: two })];
  expect(await a.serve("api")).toEqual({ type: "registered" });
  expect(await b.serve("api")).toEqual({ type: "registered" });
  await a.serve("only-in-shop");
  const c = await world.open({ workspace: two });
  expect(await c.resolve("api")).toMatchObject({ type: "found", worker: { workspace: two } });
  expect(await c.resolve("only-in-shop")).toMatchObject({
    type: "missing",
    detail: expect.stringContaining("another checkout of the same repository"),
  });
});

test("a name elsewhere is used while it is the only one", async () => {
  await using world = new RegistryWorld();
  const session = await world.open();
  const a = await world.open({ workspace: world.workspace("a") });
  const b = await world.open({ workspace: world.workspace("b") });
  await a.serve("auth");
  await session.until("auth", "found", a);
  await b.serve("auth");
  const ambiguous = await session.until("auth", "ambiguous");
  expect(ambiguous).toMatchObject({
    detail: expect.stringMatching(/"auth" in \/code\/a .*\n"auth" in \/code\/b /),
  });
  await a.kill();
  await session.until("auth", "found", b);
});

test("registries with different DROVER_REGISTRY do not see each other", async () => {
  await using world = new RegistryWorld();
  const a = await world.open({ env: { DROVER_REGISTRY: "blue" } });
  const b = await world.open({ env: { WRANGLER_REGISTRY_PATH: "/code/registry" } });
  const c = await world.open({ env: { WRANGLER_REGISTRY_PATH: "/code/x/../registry" } });
  await a.serve("api");
  await b.serve("api");
  await c.until("api", "found", b);
  expect(world.daemons.size).toBe(2);
});

test("an incompatible session names the others' Workers and is named by them", async () => {
  await using world = new RegistryWorld();
  const current = await world.open({ version: "2.0.0" });
  await current.serve("api");
  const old = world.start({ version: "1.0.0", protocol: 0 });
  await old.state("incompatible");
  expect(await old.resolve("api")).toMatchObject({
    type: "incompatible",
    message:
      'Worker "api" is not compatible with this version of the dev server. Please update all Worker instances to the same version.',
    detail: expect.stringContaining("with drover 2.0.0; this is drover 1.0.0."),
  });
  expect(await old.serve("legacy")).toEqual({ type: "unregistered" });
  expect(await current.until("legacy", "incompatible")).toMatchObject({
    detail: expect.stringContaining("with drover 1.0.0; this is drover 2.0.0."),
  });
  await current.serve("late");
  await old.until("late", "incompatible");
  await old.kill();
  await current.until("legacy", "missing");
});

test("after an update the new version's session does not meet the idle old daemon", async () => {
  await using world = new RegistryWorld();
  // Long enough never to end by itself in this test.
  const env = { DROVER_REGISTRY_IDLE_MS: "60000" };
  const old = await world.open({ version: "1.0.0", protocol: 0, env });
  await old.serve("api");
  await old.kill();
  const updated = await world.open({ version: "2.0.0" });
  expect(await updated.daemon()).toMatchObject({ version: "2.0.0", protocol: 1 });
  expect(await updated.serve("api")).toEqual({ type: "registered" });
});

test("an old daemon ends with its last session, though incompatible ones are connected", async () => {
  await using world = new RegistryWorld();
  const old = await world.open({ version: "1.0.0", protocol: 0 });
  const updated = world.start({ version: "2.0.0" });
  await updated.state("incompatible");
  await old.kill();
  await updated.state("connected");
  expect(await updated.daemon()).toMatchObject({ version: "2.0.0", protocol: 1 });
});
