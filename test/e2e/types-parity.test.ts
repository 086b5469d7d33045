import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runDrover } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import recorded from "../parity/types/answers.json" with { type: "json" };
import { type Files, projects } from "../parity/types/cases.js";
import { linesOf, writeFiles } from "../parity/types/files.js";

/*
 * The projects of test/parity/types/cases.js, asked what wrangler was asked: the same file to the
 * byte, the same lines, the same exit code. Differences that are meant are listed here and nowhere
 * else.
 */
interface Answer {
  readonly code: number;
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
  /** What the generated file holds afterwards. */
  readonly file: string | null;
}

const answers = recorded as Readonly<Record<string, readonly (Answer | null)[]>>;

/** project and run -> what drover does instead */
const DIFFERENT: Readonly<Record<string, Partial<Answer>>> = {
  // The header says that there are no runtime types: a bare --check does not ask for them.
  "check 2": {
    code: 0,
    stdout: ["✨ Types at worker-configuration.d.ts are up to date."],
    stderr: [],
  },
  // Looked at before anything is said.
  "no environments 0": { stdout: [] },
  // Errors of configs end every command with 2.
  "errors 0": { code: 2 },
  "errors 3": { code: 2 },
};

test.each(projects)("$name", async ({ name, files, cwd = ".", runs }) => {
  await using folder = await tempProject();
  writeFiles(folder.dir, files);
  for (const [index, run] of runs.entries()) {
    const [first] = run;
    if (typeof first === "object") {
      writeFiles(folder.dir, first as Files);
      continue;
    }
    const args = run as readonly string[];
    const { code, stdout, stderr } = await runDrover(["types", ...args], { cwd: folder.path(cwd) });
    const path = args.find((arg) => arg.endsWith(".d.ts")) ?? "worker-configuration.d.ts";
    const output = join(folder.path(cwd), path);
    const wasWritten = existsSync(output) && !args.includes("--check");
    const actual = {
      code,
      stdout: shownLines(linesOf(stdout, folder.dir)),
      stderr: errorLine(linesOf(stderr, folder.dir)),
      file: wasWritten ? readFileSync(output, "utf8") : null,
    };
    const answer = { ...(answers[name]?.[index] as Answer), ...DIFFERENT[`${name} ${index}`] };
    const { code: expectedCode, file } = answer;
    expect({ args, ...actual }).toEqual({
      args,
      code: expectedCode,
      stdout: shownLines(answer.stdout),
      stderr: errorLine(answer.stderr),
      file,
    });
  }
});

/** What is told, but for the banner, help texts, empty lines and the tool's name. */
function shownLines(lines: readonly string[]): string[] {
  const told = lines.filter(
    (line) => line !== "" && !/wrangler \d|^─+$|create an issue/.test(line),
  );
  if (told[0]?.startsWith("wrangler types [path]")) return [];
  return told.map((line) => line.replace("'wrangler types'", "'drover types'"));
}

/** The first line of the error. */
function errorLine(lines: readonly string[]): string[] {
  const line = lines.find((text) => text.includes("[ERROR]"));
  if (line === undefined) return [];
  return [line.replace(/^.*\[ERROR\] /, "").replaceAll("wrangler types", "drover types")];
}
