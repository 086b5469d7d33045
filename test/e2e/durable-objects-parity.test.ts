import { cp } from "node:fs/promises";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { runDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import answers from "../parity/objects/answers.json" with { type: "json" };
import { askAll } from "../parity/objects/probes.js";

/*
 * What the real runtime answered to the Worker in test/parity/objects (recorded there; record.js says
 * how) is what drover answers, word for word.
 */
test("Durable Objects answer every probe as the real runtime", async () => {
  await using project = await tempProject();
  await cp(resolve(import.meta.dirname, "../parity/objects/workers"), project.dir, {
    recursive: true,
  });
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  const got = await askAll(`http://127.0.0.1:${dev.port}`);
  expect(Object.keys(got).length).toBeGreaterThan(20);
  expect(got).toEqual(answers);
});
