import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { BundleModule, ModuleKind } from "../../../src/protocol/bundle.ts";
import { START_DIFFERENCES } from "../../parity/modules/differences.js";
import { expand, SETS } from "../../parity/modules/sets.js";
import { STARTS } from "../../parity/modules/starts.js";
import { TestHost } from "./harness.ts";

/*
 * Small Workers of several modules, most of which do not start (spec/platform.md 14): as recorded of the
 * real runtime in test/parity/modules/started.json. At the newest two rules all of them, at the others
 * those that something changed for.
 */

type Outcome = { readonly text: string } | { readonly fails: string };

const file = new URL("../../parity/modules/started.json", import.meta.url);
const own = JSON.parse(readFileSync(file, "utf8")) as Record<string, Record<string, Outcome>>;
const all = expand(own);

const KINDS: Readonly<Record<string, ModuleKind>> = {
  js: "esm",
  mjs: "esm",
  cjs: "commonjs",
  json: "json",
  wasm: "wasm",
  txt: "text",
};

function modulesOf(name: string): BundleModule[] {
  return Object.entries(STARTS[name] ?? {}).map(([path, contents], index) => {
    const kind = KINDS[path.slice(path.lastIndexOf(".") + 1)] ?? "text";
    return {
      name: index === 0 ? `file:///app/src/${path}` : `./${path}`,
      kind,
      contents: kind === "wasm" ? Buffer.from(contents, "latin1") : contents,
    };
  });
}

/** `expected`: drover may add a line of advice to it. */
async function start(name: string, set: string, expected?: Outcome): Promise<Outcome> {
  await using host = new TestHost();
  const { date = "", flags = [] } = SETS[set] ?? {};
  try {
    const spec = { compatibilityDate: date, compatibilityFlags: flags };
    const worker = await host.start({ code: modulesOf(name), spec });
    return { text: (await worker.fetch("/")).text };
  } catch (error) {
    const stack = (error as { readonly remoteStack?: string }).remoteStack ?? String(error);
    const fails = stack.replace(/\n {4}at .*$/s, "");
    const isExpected = expected !== undefined && "fails" in expected;
    return isExpected && fails.startsWith(expected.fails) ? expected : { fails };
  }
}

test.each(Object.keys(SETS))(
  "start, or fail to, as recorded (%s)",
  { timeout: 60_000 },
  async (set) => {
    const isNewest = ["2026-11-16", "2026-11-17"].includes(set);
    const names = Object.keys((isNewest ? all : own)[set] ?? {});
    const got: Record<string, Outcome> = {};
    const expected: Record<string, Outcome | undefined> = {};
    const queue = [...names];
    const work = async (): Promise<void> => {
      for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
        const different = START_DIFFERENCES.find(
          (difference) => difference.name === name && difference.sets.includes(set),
        );
        expected[name] = different?.outcome ?? all[set]?.[name];
        got[name] = await start(name, set, expected[name]);
      }
    };
    await Promise.all([work(), work(), work(), work()]);
    expect(got).toEqual(expected);
  },
);
