import { cp } from "node:fs/promises";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { runDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import answers from "../parity/queues/answers.json" with { type: "json" };

/*
 * What the real runtime answered to the Worker in test/parity/queues (recorded there; npm run parity -- queues asks again; answers.js says
 * how) is what drover answers, word for word.
 */
test("queues answer every probe as the real runtime", async () => {
  await using project = await tempProject();
  await cp(resolve(import.meta.dirname, "../parity/queues/workers"), project.dir, {
    recursive: true,
  });
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  const got = (await (await dev.fetch("/")).json()) as object;
  expect(Object.keys(got).length).toBeGreaterThan(30);
  expect(got).toEqual(answers);
});
