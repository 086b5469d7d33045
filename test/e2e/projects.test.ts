import { readFileSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { runDev, runDrover } from "../helpers/run-dev.ts";
import { askAll } from "../projects/ask.js";
import { copyProject } from "../projects/install.js";
import { PROJECTS } from "../projects/projects.js";

/* Small real projects answer as they do in wrangler (test/projects/README.md). */
const recorded = resolve(import.meta.dirname, "../projects/recorded");

test.each(Object.entries(PROJECTS))(
  "%s",
  async (name, { configs, migrate, requests }) => {
    const cwd = copyProject(name);
    try {
      if (migrate !== undefined) {
        const applied = await runDrover(["d1", "migrations", "apply", migrate], { cwd });
        expect(applied.code, applied.stderr).toBe(0);
      }
      await using dev = await runDev(configs, { cwd });
      const answers = await askAll(dev.url.replace("localhost", "127.0.0.1"), requests);
      expect(answers).toEqual(JSON.parse(readFileSync(`${recorded}/${name}.json`, "utf8")));
    } finally {
      rmSync(cwd, { recursive: true });
    }
  },
  180_000,
);
