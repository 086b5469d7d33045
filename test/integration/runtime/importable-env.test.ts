import { expect, test } from "vitest";
import { TestHost } from "./harness.ts";

/* `disallow_importable_env`, as the real runtime answered. */

const CODE = `
  import { env, exports, waitUntil, withEnv } from "cloudflare:workers";
  export default { fetch(_request, own) {
    env.written = 5;
    waitUntil(Promise.resolve());
    return Response.json([Object.keys(env), Object.keys(exports), Object.keys(own),
      env.written ?? null, withEnv({ a: 1 }, () => env.a), Object.keys(process.env)]);
  } };`;

test.each([
  ["is there to be imported", [], [["V", "written"], ["default"], ["V", "written"], 5, 1, ["V"]]],
  ["is not, if a flag says so", ["disallow_importable_env"], [[], [], ["V"], null, 1, []]],
])("env %s", async (_title, flags, expected) => {
  await using host = new TestHost();
  const worker = await host.start({
    code: CODE,
    spec: {
      compatibilityDate: "2026-11-17",
      compatibilityFlags: flags,
      bindings: [{ type: "var", name: "V", value: "1" }],
    },
  });
  expect(JSON.parse((await worker.fetch("/")).text)).toEqual(expected);
});
