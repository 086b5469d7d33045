import { statSync, truncateSync } from "node:fs";
import { expect, test, vi } from "vitest";
import type { BuildResult } from "../../../src/bundle/build-result.ts";
import type { ResolvedConfig } from "../../../src/config/types.ts";
import type { SessionToHost } from "../../../src/protocol/host.ts";
import type { SessionEvent } from "../../../src/session/events.ts";
import { WorkerSession } from "../../../src/session/worker-session.ts";
import { workerSpecOf } from "../../../src/session/worker-spec.ts";
import { createDeferred, type Deferred } from "../../../src/util/deferred.ts";
import { resolvedConfig } from "../../helpers/resolved-config.ts";
import { tempProject } from "../../helpers/temp-project.ts";

/** A WorkerSession whose builds the test answers and whose messages and events it reads. */
function harness(config: ResolvedConfig = resolvedConfig({ name: "api" }), isComputing = false) {
  const events: SessionEvent[] = [];
  const sent: SessionToHost[] = [];
  const builds: Deferred<BuildResult>[] = [];
  let next: ResolvedConfig | Error = config;
  let disposed = 0;
  const worker = new WorkerSession(config, {
    dispatch: (event) => events.push(event),
    send: (message) => sent.push(message),
    resolveConfig: () => (next instanceof Error ? Promise.reject(next) : Promise.resolve(next)),
    colors: false,
    createBundler: () => ({
      build() {
        const answer = createDeferred<BuildResult>();
        builds.push(answer);
        return answer.promise;
      },
      inputs: () => ({ files: new Set(), trees: new Set() }),
      [Symbol.asyncDispose]: () => {
        disposed += 1;
        return Promise.resolve();
      },
    }),
    specOf: (resolved) => workerSpecOf(resolved, { strict: false, limits: "warn" }, "/state"),
    buildTurn: () => () => {},
    isComputing: () => Promise.resolve(isComputing),
    now: () => 0,
    startedAt: 0,
  });
  return {
    worker,
    events,
    sent,
    builds,
    setNextConfig: (value: ResolvedConfig | Error) => {
      next = value;
    },
    get disposedBundlers() {
      return disposed;
    },
    /** Answers the newest build and lets its consequences happen. */
    async build(outcome: string | Error) {
      builds.at(-1)?.resolve(
        outcome instanceof Error
          ? {
              ok: false,
              text: outcome.message,
              problems: [],
              coloredText: outcome.message,
              ...times,
            }
          : {
              ok: true,
              warnings: [],
              exports: undefined,
              bundle: { hash: outcome, modules: [] },
              ...times,
            },
      );
      await settle();
    },
    types: () => events.map(({ type }) => type),
    loads: () => sent.flatMap((message) => (message.type === "load" ? [message.generation] : [])),
  };
}

/** All promise reactions of this turn and the next. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

const times = { ms: 0, startedAt: 0 };
const change = { kind: "source", files: ["/project/index.js"] } as const;
const entrypoints = [{ name: "default", kind: "object", methods: ["fetch"] }] as const;
const evaluationError = { name: "Error", message: "boom", stack: "Error: boom" };

/** Started and serving generation 1 with the bundle "one". */
async function running() {
  const h = harness();
  h.worker.start();
  await h.build("one");
  h.worker.onLoaded(1, entrypoints);
  h.events.length = 0;
  h.sent.length = 0;
  return h;
}

test("the first build is loaded and makes the Worker ready", async () => {
  const h = harness();
  h.worker.start();
  expect(h.worker.state).toBe("starting");
  await h.build("one");
  expect(h.loads()).toEqual([1]);
  h.worker.onLoaded(1, entrypoints);
  expect(h.worker.state).toBe("ready");
  expect(h.worker.entrypoints).toEqual(entrypoints);
  expect(h.events.at(-1)).toMatchObject({ type: "loaded", worker: "api", cause: "start" });
});

test("changes during a build melt into one build after it, and its result is dropped", async () => {
  const h = await running();
  h.worker.update(change);
  for (let index = 0; index < 200; index += 1) {
    h.worker.update({ kind: "source", files: [`/project/${index}.js`] });
  }
  await h.build("stale");
  expect(h.loads()).toEqual([]);
  await h.build("two");
  expect(h.builds).toHaveLength(3);
  expect(h.loads()).toEqual([2]);
});

/** A Worker that serves, and a file of it that was just written, on a clock of the test's own. */
async function saved(text: string) {
  const h = await running();
  const project = await tempProject({ "index.js": text });
  const file = project.path("index.js");
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  const now = (): void => void vi.setSystemTime(statSync(file).mtimeMs);
  now();
  h.worker.update({ kind: "source", files: [file] });
  return {
    ...h,
    project,
    file,
    now,
    update: () => h.worker.update({ kind: "source", files: [file] }),
    pass: async (ms: number) => {
      vi.advanceTimersByTime(ms);
      await settle();
    },
    async [Symbol.asyncDispose]() {
      vi.useRealTimers();
      await project[Symbol.asyncDispose]();
    },
  };
}

test("a file that is emptied and then written fails no build in between", async () => {
  await using h = await saved("export default 1;");
  truncateSync(h.file);
  h.now();
  await h.build(new Error("no default export"));
  await h.pass(60);
  // Half of it, which the watcher tells of.
  await h.project.write("index.js", "export default {");
  h.now();
  h.update();
  await settle();
  await h.build(new Error("unexpected end of file"));
  await h.pass(20);
  await h.project.write("index.js", "export default {};");
  // Seen before the watcher has told of it.
  await h.pass(15);
  await h.pass(15);
  h.now();
  h.update();
  await settle();
  await h.build("two");
  expect(h.types()).toEqual(["build-started", "build-started", "build-started", "loading"]);
  expect(h.worker.state).toBe("ready");
  expect(h.loads()).toEqual([2]);
});

test("a module that is emptied and then written is not loaded in between", async () => {
  await using h = await saved("");
  await h.build("with nothing");
  await h.pass(60);
  await h.project.write("index.js", "export default {};");
  h.now();
  h.update();
  await settle();
  await h.build("two");
  expect(h.types()).toEqual(["build-started", "build-started", "loading"]);
  expect(h.loads()).toEqual([2]);
});

test("a file that stays as it is fails the build 30 ms after it was written, an empty one after 100", async () => {
  await using h = await saved("export default {");
  await h.build(new Error("unexpected end of file"));
  await h.pass(20);
  expect(h.types()).toEqual(["build-started"]);
  await h.pass(11);
  expect(h.types()).toEqual(["build-started", "build-failed"]);

  truncateSync(h.file);
  h.now();
  h.update();
  await h.build(new Error("no default export"));
  await h.pass(90);
  expect(h.types()).toHaveLength(3);
  await h.pass(11);
  expect(h.types()).toEqual(["build-started", "build-failed", "build-started", "build-failed"]);

  // A build that took longer than that.
  h.update();
  vi.setSystemTime(Date.now() + 1000);
  await h.build(new Error("no default export"));
  expect(h.types().at(-1)).toBe("build-failed");
  expect(h.types()).toHaveLength(6);
});

test("an unchanged bundle reloads nothing", async () => {
  const h = await running();
  h.worker.update(change);
  await h.build("one");
  expect(h.loads()).toEqual([]);
  expect(h.events.at(-1)).toMatchObject({ type: "unchanged", recovered: false });
});

test("an unchanged bundle replaces a Worker that spins", async () => {
  const h = harness(undefined, true);
  h.worker.start();
  await h.build("one");
  h.worker.onLoaded(1, []);
  h.worker.update(change);
  await h.build("one");
  expect(h.loads()).toEqual([1, 2]);
});

test("a failed build keeps the last good version and tells the host nothing", async () => {
  const h = await running();
  h.worker.update(change);
  await h.build(new Error("syntax"));
  expect(h.sent).toEqual([]);
  expect(h.worker.state).toBe("ready");
  expect(h.events.at(-1)).toMatchObject({ type: "build-failed", keepsLastGood: true });
  h.worker.update(change);
  await h.build("one");
  expect(h.events.at(-1)).toMatchObject({ type: "unchanged", recovered: true });
});

test("a failed first build is answered with by the host until it is mended", async () => {
  const h = harness();
  h.worker.start();
  await h.build(new Error("syntax"));
  expect(h.sent).toEqual([{ type: "build-failed", worker: "api", text: "syntax" }]);
  expect(h.worker.state).toBe("failed");
  h.worker.update(change);
  await h.build("one");
  h.worker.onLoaded(1, entrypoints);
  expect(h.worker.state).toBe("ready");
});

test("a bundle that failed to load is loaded again although it is the same", async () => {
  const h = await running();
  h.worker.update(change);
  await h.build("two");
  h.worker.onLoadFailed(2, evaluationError);
  expect(h.events.at(-1)).toMatchObject({ type: "load-failed", keepsLastGood: true });
  expect(h.worker.state).toBe("ready");
  h.worker.update(change);
  await h.build("two");
  expect(h.loads()).toEqual([2, 3]);
});

test("answers about older generations are ignored", async () => {
  const h = await running();
  h.worker.update(change);
  await h.build("two");
  h.worker.onLoaded(1, []);
  h.worker.onLoadFailed(1, evaluationError);
  expect(h.worker.entrypoints).toEqual(entrypoints);
  expect(h.worker.generation).toBe(1);
});

test("a changed config gets a new bundler and loads even the same code", async () => {
  const h = await running();
  h.setNextConfig(
    resolvedConfig({ name: "api", bindings: [{ type: "var", name: "A", value: 1 }] }),
  );
  h.worker.update({ kind: "config", files: ["/project/wrangler.toml"] });
  await settle();
  expect(h.disposedBundlers).toBe(1);
  await h.build("one");
  expect(h.loads()).toEqual([2]);
});

test("an unusable config keeps the old one and builds nothing", async () => {
  const h = await running();
  h.setNextConfig(new Error("no comma"));
  h.worker.update({ kind: "config", files: ["/project/wrangler.toml"] });
  await settle();
  expect(h.types()).toEqual(["config-failed"]);
  expect(h.builds).toHaveLength(1);
  expect(h.worker.state).toBe("ready");
});

test("a renamed Worker leaves its old name", async () => {
  const h = await running();
  h.setNextConfig(resolvedConfig({ name: "api2" }));
  h.worker.update({ kind: "config", files: ["/project/wrangler.toml"] });
  await settle();
  await h.build("one");
  expect(h.sent).toMatchObject([
    { type: "remove", worker: "api" },
    { type: "load", spec: { name: "api2" } },
  ]);
});

test("a new host gets the last good generation, and the newer one that was on its way", async () => {
  const h = await running();
  h.worker.restore();
  expect(h.loads()).toEqual([1]);
  h.worker.onLoaded(1, entrypoints);
  expect(h.events.at(-1)).toMatchObject({ type: "loaded", cause: "restore" });
  h.worker.update(change);
  await h.build("two");
  h.sent.length = 0;
  h.worker.restore();
  expect(h.loads()).toEqual([1, 2]);
});

test("a new host does not get a version that failed to load", async () => {
  const h = await running();
  h.worker.update(change);
  await h.build("two");
  h.worker.onLoadFailed(2, evaluationError);
  h.sent.length = 0;
  h.worker.restore();
  expect(h.loads()).toEqual([1]);
});

test("a new host gets the build error of a Worker that never built", async () => {
  const h = harness();
  h.worker.start();
  await h.build(new Error("syntax"));
  h.sent.length = 0;
  h.worker.restore();
  expect(h.sent).toEqual([{ type: "build-failed", worker: "api", text: "syntax" }]);
});

test("nothing is said or sent after the end", async () => {
  const h = await running();
  h.worker.update(change);
  const ending = h.worker[Symbol.asyncDispose]();
  h.events.length = 0;
  await h.build("two");
  await ending;
  h.worker.update(change);
  expect([...h.events, ...h.sent]).toEqual([]);
});
