import { cp, readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { runDev } from "../helpers/run-dev.ts";
import { type TempProject, tempProject } from "../helpers/temp-project.ts";
import answers from "../parity/objects/answers.json" with { type: "json" };
import { askAll } from "../parity/objects/probes.js";
import { RegistryHome } from "./registry-home.ts";

/*
 * What the real runtime answered to the Worker in test/parity/objects (recorded there; npm run parity -- objects
 * asks it again) is what drover answers, word for word, wherever the caller of the objects is. The bytes that it
 * stored: stored-values.test.ts.
 */

/** The Worker itself, and one in front that has its objects by `script_name`. */
async function project(): Promise<TempProject> {
  const files = await tempProject();
  const objects = files.path("objects");
  await cp(resolve(import.meta.dirname, "../parity/objects/workers"), objects, { recursive: true });
  const config = JSON.parse(await readFile(`${objects}/wrangler.json`, "utf8")) as {
    name: string;
    compatibility_date: string;
    durable_objects: { bindings: object[] };
  };
  const bindings = config.durable_objects.bindings.map((binding) => ({
    ...binding,
    script_name: config.name,
  }));
  const { compatibility_date } = config;
  const front = { name: "front", main: "../objects/front.js", compatibility_date };
  await files.write(
    "front/wrangler.json",
    JSON.stringify({ ...front, durable_objects: { bindings } }),
  );
  return files;
}

const OWN = "objects/wrangler.json";
const FRONT = "front/wrangler.json";

async function expectAnswers(port: number): Promise<void> {
  const got = await askAll(`http://127.0.0.1:${port}`);
  expect(Object.keys(got).length).toBeGreaterThan(20);
  expect(got).toEqual(answers);
}

test("Durable Objects answer every probe as the real runtime", async () => {
  await using files = await project();
  await using dev = await runDev(OWN, { cwd: files.dir });
  await expectAnswers(dev.port);
});

test("and a Worker beside theirs", async () => {
  await using files = await project();
  await using dev = await runDev([FRONT, OWN], { cwd: files.dir });
  await expectAnswers(dev.port);
});

test("and a Worker of another session", async () => {
  await using home = new RegistryHome();
  await using files = await project();
  await using _objects = await home.dev(OWN, { cwd: files.dir });
  await using front = await home.dev(FRONT, { cwd: files.dir });
  if (!/ROOM .*\[connected\]/.test(front.output)) await front.waitForLine(/ROOM .*\[connected\]/);
  await expectAnswers(front.port);
});
