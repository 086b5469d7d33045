import { expect, test } from "vitest";
import { RegistryWorld } from "./harness.ts";

const ROUNDS = Number(process.env.DROVER_TEST_ROUNDS ?? 20);

test(
  "eight sessions at once end with one daemon and all eight registered",
  async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      await using world = new RegistryWorld();
      const sessions = Array.from({ length: 8 }, () => world.start());
      await Promise.all(sessions.map((session) => session.opened()));
      const results = await Promise.all(
        sessions.map((session, at) => session.serve(`worker-${at}`)),
      );
      expect(results).toEqual(Array(8).fill({ type: "registered" }));
      for (const session of sessions) {
        for (let at = 0; at < 8; at += 1) {
          if (sessions[at] !== session) await session.until(`worker-${at}`, "found");
        }
      }
      expect(world.daemons.size).toBe(1);
    }
  },
  30_000 + ROUNDS * 10_000,
);

test("two sessions find each other, whichever is first", async () => {
  await using world = new RegistryWorld();
  const first = await world.open();
  await first.serve("first");
  const second = await world.open();
  expect(await second.resolve("first")).toMatchObject({
    type: "found",
    worker: { name: "first", entrypoints: [{ name: "default" }] },
  });
  expect(await first.resolve("second")).toMatchObject({
    type: "missing",
    message: 'Worker "second" not found. Make sure it is running locally.',
  });
  await second.serve("second");
  await first.until("second", "found");
});

test("a Worker that is announced before it serves is starting, then found", async () => {
  await using world = new RegistryWorld();
  const [a, b] = [await world.open(), await world.open()];
  await a.serve("api", { ready: false, address: null });
  expect(await b.until("api", "starting")).toMatchObject({
    detail: expect.stringContaining("is starting in /code/main"),
  });
  await a.serve("api");
  await b.until("api", "found");
});

test("a withdrawn Worker is gone for the others, a closed session with all of its own", async () => {
  await using world = new RegistryWorld();
  const [a, b] = [await world.open(), await world.open()];
  await a.serve("one");
  await a.serve("two");
  await b.until("two", "found");
  await a.call("withdraw", "one");
  await b.until("one", "missing");
  expect(await b.resolve("two")).toMatchObject({ type: "found" });
  await a.call("close");
  await b.until("two", "missing");
});

test("a killed session is gone for its peers, its name free and its socket file removed", async () => {
  await using world = new RegistryWorld();
  const [a, b] = [await world.open(), await world.open()];
  const [configPath, environment] = ["/code/main/api/wrangler.toml", "staging"];
  await a.serve("api", { configPath, environment });
  await b.until("api", "found");
  await a.kill();
  expect(await b.until("api", "missing")).toMatchObject({
    detail: expect.stringContaining("Start it with: drover dev -c api/wrangler.toml@staging"),
  });
  await world.untilFiles((files) => files.join() === "registry.sock");
});

test("a session that is killed and restarted at once gets its name without a conflict", async () => {
  await using world = new RegistryWorld();
  const peer = await world.open();
  for (let round = 0; round < 3; round += 1) {
    const session = await world.open();
    expect(await session.serve("api")).toEqual({ type: "registered" });
    await peer.until("api", "found");
    await session.kill();
  }
});

test("a suspended session stays registered and learns what it missed", async () => {
  await using world = new RegistryWorld();
  const [a, b] = [await world.open(), await world.open()];
  await a.serve("sleeper");
  await b.until("sleeper", "found");
  a.child.kill("SIGSTOP");
  await b.serve("late");
  const c = await world.open();
  await c.serve("later");
  await c.kill();
  await b.until("later", "missing");
  expect(await b.resolve("sleeper")).toMatchObject({ type: "found" });
  a.child.kill("SIGCONT");
  await a.until("late", "found");
  await a.until("later", "missing");
});
