/*
 * Writes answers.json: what the real wrangler answers to cases.js.
 *
 *     node test/parity/assets/record.js "<node 22 or newer> <path of wrangler's bin/wrangler.js>" [project...]
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { projects } from "./cases.js";
import { ask } from "./client.js";
import { linesOf } from "./lines.js";
import { writeProject } from "./project.js";

const [command = "npx wrangler", ...only] = process.argv.slice(2);
const file = join(import.meta.dirname, "answers.json");
const answers = only.length === 0 ? {} : JSON.parse(readFileSync(file, "utf8"));
for (const project of projects) {
  if (only.length > 0 && !only.includes(project.name)) continue;
  process.stderr.write(`${project.name}\n`);
  answers[project.name] = await record(project);
  writeFileSync(file, format(answers));
}

async function record(project) {
  const folder = mkdtempSync(join(tmpdir(), "record-assets-"));
  writeProject(folder, project);
  const [program, ...args] =
    `${command} dev --port 0 --ip 127.0.0.1 --inspector-port 0 --show-interactive-dev-session=false`.split(
      " ",
    );
  const env = { ...process.env, WRANGLER_SEND_METRICS: "false", CI: "1" };
  const child = spawn(program, args, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  try {
    const port = await new Promise((resolve, reject) => {
      const onData = (bytes) => {
        output += stripVTControlCharacters(String(bytes));
        const ready = /Ready on http:\/\/127\.0\.0\.1:(\d+)/.exec(output);
        if (ready !== null) resolve(Number(ready[1]));
      };
      child.stdout.on("data", onData);
      child.stderr.on("data", onData);
      child.on("exit", () => reject(new Error(`wrangler ended:\n${output}`)));
    });
    const answers = await ask(port, project);
    return project.lines ? { ...answers, lines: linesOf(output) } : answers;
  } finally {
    const ended = new Promise((resolve) => child.on("close", resolve));
    child.kill("SIGINT");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A line for each answer. */
function format(answers) {
  const blocks = Object.entries(answers).map(([project, ofProject]) => {
    const lines = Object.entries(ofProject).map(
      ([request, answer]) => `  ${JSON.stringify(request)}: ${JSON.stringify(answer)}`,
    );
    return ` ${JSON.stringify(project)}: {\n${lines.join(",\n")}\n }`;
  });
  return `{\n${blocks.join(",\n")}\n}\n`;
}
