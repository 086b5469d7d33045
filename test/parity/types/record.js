/*
 * Writes answers.json: what the real wrangler answers to cases.js.
 *
 *     node test/parity/types/record.js "<node 22 or newer> <path of wrangler's bin/wrangler.js>" [project...]
 */
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projects } from "./cases.js";
import { linesOf, writeFiles } from "./files.js";

const [command = "npx wrangler", ...only] = process.argv.slice(2);
const file = join(import.meta.dirname, "answers.json");
const answers = only.length === 0 ? {} : JSON.parse(readFileSync(file, "utf8"));
for (const project of projects) {
  if (only.length > 0 && !only.includes(project.name)) continue;
  process.stderr.write(`${project.name}\n`);
  answers[project.name] = record(project);
  writeFileSync(file, `${JSON.stringify(answers, null, 1)}\n`);
}

function record({ files, cwd = ".", runs }) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "record-types-")));
  writeFiles(folder, files);
  const results = runs.map((run) => {
    if (typeof run[0] === "object") {
      writeFiles(folder, run[0]);
      return null;
    }
    return ask(folder, join(folder, cwd), run);
  });
  rmSync(folder, { recursive: true, force: true });
  return results;
}

function ask(folder, cwd, args) {
  const [program, ...first] = command.split(" ");
  const env = {
    ...process.env,
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_LOG_PATH: join(tmpdir(), "wlog"),
    CI: "1",
    FORCE_COLOR: "0",
  };
  const { status, stdout, stderr } = spawnSync(program, [...first, "types", ...args], {
    cwd,
    env,
    encoding: "utf8",
  });
  const path = args.find((arg) => arg.endsWith(".d.ts")) ?? "worker-configuration.d.ts";
  const output = join(cwd, path);
  const text =
    existsSync(output) && !args.includes("--check") ? readFileSync(output, "utf8") : null;
  return {
    code: status,
    stdout: linesOf(stdout, folder),
    stderr: linesOf(stderr, folder),
    file: text,
  };
}
