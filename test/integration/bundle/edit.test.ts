import { rm } from "node:fs/promises";
import { afterAll, expect, test } from "vitest";
import { stopEsbuild } from "../../../dist/bundle/esbuild-service.js";
import { bad, code, config, good, project } from "../../unit/bundle/helpers.ts";
import { watchBuilds } from "./watch-builds.ts";

afterAll(stopEsbuild);

test("edits, errors, missing files and rules follow each other through watcher and bundler", async () => {
  await using dir = await project({
    "src/index.ts": `import { a } from "./a"; export default a;`,
    "src/a.ts": "export const a = 1;",
    "package.json": "{}",
  });
  await using builds = await watchBuilds(config(dir.dir));
  const { until } = builds;

  good(builds.first);
  await dir.write("src/a.ts", "export const a = 2;");
  await until((result) => result.ok && code(result).includes("2"));

  await dir.write("src/a.ts", "export const a = = 3;");
  expect(bad(await until((result) => !result.ok)).text).toContain("src/a.ts:1:17");
  await dir.write(
    "src/a.ts",
    `import text from "./later.txt";\nimport { b } from "./b";\nexport const a = [b, text];`,
  );
  await until((result) => !result.ok && result.text.includes('"./b"'));
  await dir.write("src/b.ts", "export const b = 4;");
  await until((result) => !result.ok && !result.text.includes('"./b"'));
  await dir.write("src/later.txt", "late");
  await until((result) => result.ok && result.bundle.modules[1]?.contents === "late");
  await dir.write("src/later.txt", "later");
  await until((result) => result.ok && result.bundle.modules[1]?.contents === "later");

  await rm(dir.path("src"), { recursive: true });
  await until((result) => !result.ok);
  await dir.write("src/index.ts", "export default 'back';");
  await until((result) => result.ok && code(result).includes("back"));
});
