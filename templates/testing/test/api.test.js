import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { startDev } from "drover";

/** @type {import("drover").DevServer} */
let dev;

before(async () => {
  dev = await startDev({
    configs: ["api/wrangler.jsonc", "users/wrangler.toml"],
    // Data of the tests' own, removed at the end.
    persist: false,
  });
});
after(() => dev.stop());
// Storage and memory as at the start.
beforeEach(() => dev.reset());

test("greets a user", async () => {
  const response = await dev.fetch("/users/1");
  assert.equal(response.status, 200);
  assert.equal((await response.json()).greeting, "Hello, Ada!");
});

test("a method of another Worker, called from here", async () => {
  const users = dev.worker("users").rpc("Users");
  await users.add({ id: 3, name: "Barbara" });
  assert.equal(await users.count(), 3);
  assert.equal((await dev.fetch("/users/3")).status, 200);
});

test("each test begins anew", async () => {
  assert.equal(await dev.worker("users").rpc("Users").count(), 2);
});

test("a Worker that the test plays", async () => {
  const asked = [];
  const Users = {
    find(id) {
      asked.push(id);
      return { id, name: "Nobody" };
    },
  };
  const alone = await startDev({
    configs: "api/wrangler.jsonc",
    persist: false,
    fakes: { users: { Users } },
  });
  try {
    assert.equal((await (await alone.fetch("/users/7")).json()).greeting, "Hello, Nobody!");
    assert.deepEqual(asked, [7]);
  } finally {
    await alone.stop();
  }
});
