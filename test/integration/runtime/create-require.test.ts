import { expect, test } from "vitest";
import type { BundleModule } from "../../../src/protocol/bundle.ts";
import { TestHost } from "./harness.ts";

/* What `createRequire` of node:module finds below /bundle. */

const at = (name: string, kind: BundleModule["kind"], contents: string): BundleModule => ({
  name,
  kind,
  contents,
});

test("a name with a bare % is looked up as it is", async () => {
  await using host = new TestHost();
  const worker = await host.start({
    spec: { compatibilityDate: "2026-11-17", compatibilityFlags: ["nodejs_compat"] },
    code: [
      at(
        "file:///bundle/main.js",
        "esm",
        `import { createRequire } from "node:module";
         const attempt = (run) => { try { return run(); } catch (error) { return error.message; } };
         export default { fetch() {
           const require = createRequire("/bundle/main.js");
           return Response.json(["./100%.cjs", "./a b.cjs", "./50%off.cjs"].map((name) => attempt(() => require(name))));
         } };`,
      ),
      at("./100%.cjs", "commonjs", "module.exports = 'whole';"),
      at("./a b.cjs", "commonjs", "module.exports = 'spaced';"),
    ],
  });
  const { text, failure } = await worker.fetch("/");
  expect(failure).toBeUndefined();
  const [whole, spaced, missing] = JSON.parse(text) as string[];
  expect([whole, spaced]).toEqual(["whole", "spaced"]);
  expect(missing).not.toContain("URI malformed");
});
