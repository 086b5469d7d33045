import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { WorkerSpec } from "../../../src/protocol/worker-spec.ts";
import { SETS } from "../../parity/flags/sets.js";
import { TestHost } from "./harness.ts";

/*
 * What flags of the Web platform change: the answers of the real runtime with and without each (`npm run parity --
 * flags` asks it again).
 */
const folder = join(import.meta.dirname, "../../parity/flags");
const code = readFileSync(join(folder, "workers/worker.js"), "utf8");
const recorded = JSON.parse(readFileSync(join(folder, "answers.json"), "utf8")) as Record<
  string,
  Record<string, unknown>
>;
const server = createServer((request, response) => void response.end(`path ${request.url}`));

beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => void server.close());

describe.each(Object.entries(SETS))("%s", (set, { date, flags }) => {
  test("is as in production", async () => {
    await using host = new TestHost();
    const spec: Partial<WorkerSpec> = {
      compatibilityDate: date,
      compatibilityFlags: [...flags],
      // Those of `serveModules` in test/parity/workerd.js.
      bindings: [
        { type: "var", name: "TEXT", value: "text" },
        { type: "var", name: "JSON", value: { a: 1 } },
      ],
    };
    const worker = await host.start({ code, spec });
    const { port } = server.address() as AddressInfo;
    const found: Record<string, unknown> = {};
    for (const name of Object.keys(recorded)) {
      const { status, text, failure } = await worker.fetch(`/?p=${name}&port=${port}`);
      if (name === "thenable") found[name] = failure === undefined ? status : 500;
      else found[name] = failure === undefined ? (JSON.parse(text) as unknown) : failure.stack;
    }
    const expected = Object.fromEntries(
      Object.entries(recorded).map(([name, answers]) => [name, answers[set] ?? answers.newest]),
    );
    expect(found).toEqual(expected);
  });
});
