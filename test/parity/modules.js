/*
 * npm run parity -- modules [--record]
 *
 * Asks the real runtime what test/parity/modules has recorded of modules that are files of their own:
 * `worker`, whose probes say what imports and requires give (answers.json), and the small Workers of
 * starts.js, most of which do not start (started.json).
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { condense, expand, hasWrongFiles, isWrongFile, SETS } from "./modules/sets.js";
import { STARTS } from "./modules/starts.js";
import { serveModules } from "./workerd.js";

const folder = new URL("modules/", import.meta.url).pathname;

/** @param {readonly string[]} args */
export async function modulesParity(args) {
  const answers = {};
  const started = {};
  for (const [set, { date, flags }] of Object.entries(SETS)) {
    answers[set] = await askWorker(set, date, flags);
    started[set] = await startAll(date, flags);
  }
  return (
    compare("answers.json", answers, args.includes("--record")) +
    compare("started.json", started, args.includes("--record"))
  );
}

async function askWorker(set, date, flags) {
  const root = join(folder, "worker");
  const names = readdirSync(root, { recursive: true })
    .filter((name) => name !== "main.js" && /\.(?:[cm]?js|txt|bin|wasm)$/.test(name))
    .filter((name) => hasWrongFiles(set) || !isWrongFile(name));
  const worker = await serveModules(root, ["main.js", ...names.toSorted()], date, flags);
  const answers = {};
  for (const name of await (await fetch(worker.url)).json()) {
    const response = await fetch(`${worker.url}/?p=${encodeURIComponent(name)}`);
    answers[name] = await response.json();
  }
  await worker.stop();
  return answers;
}

async function startAll(date, flags) {
  const answers = {};
  for (const [name, files] of Object.entries(STARTS)) {
    const root = mkdtempSync(join(tmpdir(), "drover-modules-"));
    for (const [file, contents] of Object.entries(files)) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), contents, file.endsWith(".wasm") ? "latin1" : "utf8");
    }
    answers[name] = await serveModules(root, Object.keys(files), date, flags).then(
      async (worker) => {
        const text = await (await fetch(worker.url)).text();
        await worker.stop();
        return { text };
      },
      (error) => ({ fails: failureOf(error.message) }),
    );
    rmSync(root, { recursive: true });
  }
  return answers;
}

/** Without the place. */
function failureOf(output) {
  const text = /service worker: Uncaught (.*)/s.exec(output)?.[1] ?? output;
  return text.replace(/\n\s+at \S+:\d+:\d+\s*$|\n:\d+:\d+\s*$/, "").trimEnd();
}

function compare(file, got, isRecorded) {
  const path = join(folder, file);
  if (isRecorded) {
    writeFileSync(path, `${JSON.stringify(condense(got), null, 1)}\n`);
    return 0;
  }
  const expected = expand(JSON.parse(readFileSync(path, "utf8")));
  let failed = 0;
  for (const [set, answers] of Object.entries(got)) {
    for (const [name, answer] of Object.entries(answers)) {
      const known = JSON.stringify(expected[set]?.[name]);
      if (known === JSON.stringify(answer)) continue;
      failed += 1;
      console.log(`${set}: ${name}\n    recorded ${known}\n    now      ${JSON.stringify(answer)}`);
    }
  }
  return failed;
}
