import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestHost } from "./harness.ts";

/*
 * Names and types of every `node:` module at two dates, against what the real runtime exports
 * without a bundler (spec/workerd-surface.json).
 */
type Exports = Readonly<Record<string, string>>;
const expected = JSON.parse(
  readFileSync(join(import.meta.dirname, "expected/node-surface.json"), "utf8"),
) as {
  dates: Record<string, Record<string, Exports | null>>;
  resolving: { date: string; flags: string[]; prefixed: string[]; bare: string[]; env?: object }[];
};

const code = `export default {
  async fetch(request) {
    const name = new URL(request.url).searchParams.get("module");
    try {
      const module = await import("node:" + name);
      const types = {};
      for (const key of Object.keys(module)) types[key] = typeof module[key];
      const own = module.default;
      const missing = Object.keys(types).filter((key) => key !== "default" && own[key] === undefined && types[key] !== "undefined");
      return Response.json({ types, missing });
    } catch (error) {
      return Response.json({ error: String(error) });
    }
  },
};`;

for (const [date, modules] of Object.entries(expected.dates)) {
  describe(`node: modules at ${date}`, () => {
    let host: TestHost;
    beforeAll(async () => {
      host = new TestHost();
      await host.start({
        code,
        spec: { compatibilityDate: date, compatibilityFlags: ["nodejs_compat"] },
      });
    });
    afterAll(() => host[Symbol.asyncDispose]());

    for (const name of Object.keys(modules)) {
      test(name, async () => {
        const worker = host.threads.get("worker");
        const answer = await worker?.fetch(`/?module=${encodeURIComponent(name)}`);
        const found = JSON.parse(answer?.text ?? "") as {
          types?: Exports;
          missing?: string[];
          error?: string;
        };
        const wanted = modules[name];
        if (wanted === null || wanted === undefined) {
          expect(found.error).toMatch(/^Error: (?:No such module|Module not found)/);
          return;
        }
        expect(found.types).toEqual(wanted);
        expect(found.missing).toEqual([]);
      });
    }
  });
}

/** Asked of the real runtime (workerd 1.20261117.1): what imports, and what the flags do to globals. */
test.each(expected.resolving)(
  "what imports, and globals, at $date with $flags",
  async ({ date, flags, ...wanted }) => {
    const names = Object.keys(expected.dates["2026-11-17"] ?? {});
    const importing = `const names = ${JSON.stringify(names)};
    const there = async (prefix) => {
      const found = [];
      for (const name of names) await import(prefix + name).then(() => found.push(name), () => {});
      return found.sort();
    };
    const GLOBALS = ["Buffer", "process", "global", "setImmediate", "clearImmediate", "PerformanceEntry"];
    export default { async fetch() {
      const process = await import("node:process").then((module) => module.default, () => undefined);
      return Response.json({ prefixed: await there("node:"), bare: await there(""),
        globals: GLOBALS.filter((name) => name in globalThis), env: { ...process?.env }, cwd: typeof process?.cwd, timer: typeof setTimeout(() => {}, 0) });
    } };`;
    await using host = new TestHost();
    const worker = await host.start({
      code: importing,
      spec: {
        compatibilityDate: date,
        compatibilityFlags: flags,
        bindings: [
          { type: "var", name: "TEXT", value: "text" },
          { type: "var", name: "JSON", value: { a: 1 } },
        ],
      },
    });
    expect(JSON.parse((await worker.fetch("/")).text)).toMatchObject(wanted);
  },
);
