import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ObjectConstructor } from "../../../src/durable-objects/instance.ts";
import { NamespaceHost } from "../../../src/durable-objects/namespace-host.ts";
import type { DurableObjectState } from "../../../src/durable-objects/state.ts";
import { OpenFiles } from "../../../src/durable-objects/storage/open-files.ts";
import { StoredValues } from "../../../src/durable-objects/storage/values.ts";
import { setLogPort } from "../../../src/isolate/log.ts";
import { openDatabase } from "../../../src/storage/sqlite/database.ts";
import { type TempProject, tempProject } from "../../helpers/temp-project.ts";

/* Alarms and the objects that they are of, on a fake clock (spec/durable-objects.md 17.3). */

const ID = "a".repeat(64);
const START = Date.UTC(2026, 0, 1);

let files: TempProject;
let texts: string[];

beforeEach(async () => {
  files = await tempProject();
  texts = [];
  setLogPort((entry) => texts.push(JSON.stringify(entry)));
  vi.useFakeTimers({ now: START, toFake: ["setTimeout", "clearTimeout", "Date"] });
  vi.spyOn(Math, "random").mockReturnValue(0);
});
afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await files[Symbol.asyncDispose]();
});

type Handler = (ctx: DurableObjectState, info: { readonly retryCount: number }) => unknown;

function open(alarm: Handler) {
  class Thing {
    readonly ctx: DurableObjectState;
    constructor(ctx: DurableObjectState) {
      this.ctx = ctx;
    }
    alarm(info: { readonly retryCount: number }): unknown {
      return alarm(this.ctx, info);
    }
  }
  const host = new NamespaceHost({
    folder: files.dir,
    class: {
      name: "Thing",
      constructor: Thing as ObjectConstructor,
      hasRpc: true,
      storage: "sqlite",
      env: {},
      exports: undefined,
      values: new StoredValues((value) => ({ value, fixes: undefined })),
      files: new OpenFiles(() => {}),
      deleteAllDeletesAlarm: true,
      repliesToClose: true,
    },
  });
  const dispose = (): void => {
    host.close();
    for (const instance of host.instances) instance.end();
  };
  return { host, [Symbol.dispose]: dispose };
}

/** Turns of objects end with real immediates. */
async function pass(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    await vi.advanceTimersByTimeAsync(1000);
    for (let turn = 0; turn < 5; turn += 1) await new Promise((done) => setImmediate(done));
  }
}

const setAlarm = (host: NamespaceHost, ms: number): Promise<void> =>
  host
    .instance(ID, "n")
    .run((object) => (object as { ctx: DurableObjectState }).ctx.storage.setAlarm(START + ms));

test("an alarm whose object cannot be read is asked for until it can be, as a first run", async () => {
  const runs: number[] = [];
  const path = files.path(`${ID}.sqlite`);
  let bytes: Buffer;
  {
    using it = open((_ctx, info) => runs.push(info.retryCount));
    await setAlarm(it.host, 1000);
    await it.host.instance(ID, "n").engine.sync();
    for (const instance of it.host.instances) instance.end();
    openDatabase(path).close();
    expect(existsSync(path)).toBe(true);
    bytes = readFileSync(path);
  }
  writeFileSync(path, "no database ".repeat(500));
  using it = open((_ctx, info) => runs.push(info.retryCount));
  it.host.startAlarms();
  // More attempts than a handler that fails would get.
  await pass(600);
  const attempts = texts.filter((text) => text.includes("file is not a database"));
  expect(attempts.length).toBeGreaterThan(7);
  expect(attempts[0]).toContain(path);
  expect(runs).toEqual([]);
  writeFileSync(path, bytes);
  await pass(600);
  expect(runs).toEqual([0]);
  await pass(600);
  expect(runs).toEqual([0]);
});

test("abort in the handler is a failure, unless the alarm is not to be retried", async () => {
  const runs: number[] = [];
  using it = open((ctx, { retryCount }) => {
    runs.push(retryCount);
    ctx.abort("no more", { retryAlarm: retryCount < 2 });
  });
  await setAlarm(it.host, 1000);
  await pass(300);
  expect(runs).toEqual([0, 1, 2]);
  expect(it.host.instance(ID, "n").engine.storedAlarm()).toBe(null);
});
