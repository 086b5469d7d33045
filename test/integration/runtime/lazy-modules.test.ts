import { expect, test } from "vitest";
import type { BundleModule } from "../../../src/protocol/bundle.ts";
import { TestHost } from "./harness.ts";

/* Modules that a handler imports are evaluated at module scope, like all others (spec/platform.md 2.4). */

const esm = (name: string, contents: string): BundleModule => ({ name, kind: "esm", contents });

test("a module that a handler imports is at module scope while it is evaluated", async () => {
  await using host = new TestHost();
  const worker = await host.start({
    code: [
      esm(
        "file:///bundle/main.js",
        `const refusal = async (name) => {
           try { return await import(name); } catch (error) { return error.message.slice(0, 50); }
         };
         export default { async fetch() {
           const before = Date.now();
           const late = await import("./late.js");
           return Response.json({
             timer: await refusal("./timer.js"),
             random: await refusal("./random.js"),
             body: await refusal("./body.js"),
             inside: late.times,
             goesOn: Date.now() >= before && before > 0,
             timers: await new Promise((resolve) => setTimeout(resolve, 1, "run")),
             settled: late.settled,
           });
         } };`,
      ),
      esm("./timer.js", "setTimeout(() => {}, 1);"),
      esm("./random.js", "export const bytes = crypto.getRandomValues(new Uint8Array(1));"),
      esm("./body.js", `export const response = new Response("body");`),
      esm(
        "./late.js",
        `export const times = [Date.now(), performance.now()];
         export const settled = await Promise.resolve(new Response(null).status);`,
      ),
    ],
  });
  const { text } = await worker.fetch("/");
  const refused = "Disallowed operation called within global scope. A";
  expect(JSON.parse(text)).toEqual({
    timer: refused,
    random: refused,
    body: refused,
    inside: [0, 0],
    goesOn: true,
    timers: "run",
    settled: 200,
  });
});
