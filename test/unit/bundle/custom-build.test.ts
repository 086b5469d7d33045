import { existsSync, readFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { createBundler } from "../../../src/bundle/bundler.ts";
import { stopEsbuild } from "../../../src/bundle/esbuild-service.ts";
import type { ResolvedConfig } from "../../../src/config/types.ts";
import { eventually } from "../../helpers/eventually.ts";
import type { TempProject } from "../../helpers/temp-project.ts";
import { bad, code, config, good, project } from "./helpers.ts";

afterAll(stopEsbuild);

function customConfig(dir: TempProject, command: string): ResolvedConfig {
  return config(dir.dir, {
    main: dir.path("dist/index.js"),
    build: { command, cwd: dir.dir, watchDirs: [dir.path("src")] },
  });
}

/** Counts its runs in runs.txt, copies src/index.js to dist/. */
const copy = `mkdir -p dist && echo run >> runs.txt && cp src/index.js dist/index.js`;
const runs = (dir: TempProject) => readFileSync(dir.path("runs.txt"), "utf8").trim().split("\n");

test("runs the command before esbuild, in its folder, with WRANGLER_COMMAND=dev", async () => {
  await using dir = await project({ "src/index.js": "export default 1;" });
  const lines: string[] = [];
  await using bundler = createBundler(
    customConfig(dir, `${copy} && echo "for $WRANGLER_COMMAND" && pwd && echo oops >&2`),
    { onCustomBuildOutput: (stream, line) => lines.push(`${stream}: ${line}`) },
  );
  expect(code(await bundler.build())).toContain("1");
  expect(lines[0]).toMatch(/^stdout: Running: /);
  expect(lines.slice(1).sort()).toEqual(["stderr: oops", `stdout: ${dir.dir}`, "stdout: for dev"]);
  const { files, trees } = bundler.inputs();
  expect([...trees]).toEqual([dir.path("src")]);
  expect([...files]).toContain(dir.path("dist/index.js"));
});

test("the environment of esbuild's own process is not the command's", async () => {
  await using dir = await project({ "src/index.js": "export default 1;" });
  const lines: string[] = [];
  const command = `echo "GOGC=$GOGC" && ${copy}`;
  await using bundler = createBundler(customConfig(dir, command), {
    onCustomBuildOutput: (_stream, line) => lines.push(line),
  });
  await dir.write("src/index.js", "export default 1; // with esbuild up");
  good(await bundler.build());
  await dir.write("src/index.js", "export default 2;");
  good(await bundler.build());
  const own = `GOGC=${process.env.GOGC ?? ""}`;
  expect(lines.filter((line) => line.startsWith("GOGC="))).toEqual([own, own]);
});

test("runs again only when something below watch_dir changed", async () => {
  await using dir = await project({ "src/index.js": "export default 1;" });
  await using bundler = createBundler(customConfig(dir, copy));
  good(await bundler.build());
  good(await bundler.build());
  expect(runs(dir)).toHaveLength(1);
  await dir.write("src/index.js", "export default 22;");
  expect(code(await bundler.build())).toContain("22");
  expect(runs(dir)).toHaveLength(2);
});

test("files that the command itself writes below watch_dir do not start it for ever", async () => {
  await using dir = await project({ "src/index.js": "export default 1;", "src/old.js": "0" });
  await using bundler = createBundler(
    customConfig(dir, `${copy} && cp runs.txt src/new.js && cp runs.txt src/old.js`),
  );
  for (let build = 0; build < 5; build++) good(await bundler.build());
  // The second run finds out that old.js is written by the command, not by the user.
  expect(runs(dir)).toHaveLength(2);
  await dir.write("src/index.js", "export default 22;");
  good(await bundler.build());
  expect(runs(dir)).toHaveLength(3);
});

test("a failing command is a failed build with its output, until the sources change", async () => {
  await using dir = await project({ "src/index.js": "export default 1;" });
  await using bundler = createBundler(
    customConfig(dir, `${copy} && ! grep bad src/index.js && echo fine`),
  );
  good(await bundler.build());
  await dir.write("src/index.js", "export default 'bad';");
  const { text } = bad(await bundler.build());
  expect(text).toContain("exit code 1");
  expect(text).toContain("\nexport default 'bad';");
  expect(bad(await bundler.build()).text).toBe(text);
  expect(runs(dir)).toHaveLength(2);
  expect([...bundler.inputs().trees]).toContain(dir.path("src"));
  await dir.write("src/index.js", "export default 333;");
  expect(code(await bundler.build())).toContain("333");
});

test("a command that does not produce the entry is told so", async () => {
  await using dir = await project({ "src/index.js": "export default 1;" });
  await using bundler = createBundler(customConfig(dir, "true"));
  expect(bad(await bundler.build()).text).toContain(
    `The expected output file at "${dir.path("dist/index.js")}" was not found after running custom build: true.`,
  );
});

test("dispose ends a running command with everything that it started, even if it ignores SIGTERM", async () => {
  await using dir = await project({ "src/index.js": "export default 1;" });
  const bundler = createBundler(
    customConfig(dir, `sh -c 'trap "" TERM; echo $$ > pid; while :; do sleep 0.05; done'`),
  );
  const building = bundler.build();
  await eventually(() => expect(readFileSync(dir.path("pid"), "utf8")).toMatch(/\d+\n/));
  const pid = Number(readFileSync(dir.path("pid"), "utf8"));
  await bundler[Symbol.asyncDispose]();
  bad(await building);
  expect(isRunning(pid)).toBe(false);
});

/** A killed process that nobody has reaped yet is not running. */
function isRunning(pid: number): boolean {
  if (!existsSync(`/proc/${pid}/stat`)) return false;
  return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
}
