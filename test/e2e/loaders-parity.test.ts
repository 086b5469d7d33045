import { cp } from "node:fs/promises";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { runDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import answers from "../parity/loaders/answers.json" with { type: "json" };
import differences from "../parity/loaders/differences.json" with { type: "json" };
import { type Answers, askAll } from "../parity/loaders/exchanges.js";

/*
 * What the real runtime answered to the Worker in test/parity/loaders (recorded there; npm run parity -- loaders asks again; answers.js says
 * how) is what drover answers, word for word, but for what differences.json lists with its reasons.
 */
test("loaders answer every probe as the real runtime", { timeout: 300_000 }, async () => {
  await using project = await tempProject();
  await cp(resolve(import.meta.dirname, "../parity/loaders/workers"), project.dir, {
    recursive: true,
  });
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  const got = await askAll((path) => dev.fetch(path));
  expect(Object.keys(got).length).toBeGreaterThan(250);
  const expected: Answers = { ...answers };
  for (const [name, { answer }] of Object.entries(differences)) expected[name] = answer;
  expect(got).toEqual(expected);
});
