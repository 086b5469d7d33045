import { expect, test } from "vitest";
import type { RegisteredWorker, WorkspaceInfo } from "../../../src/protocol/registry.ts";
import { type Resolution, resolveService } from "../../../src/registry/resolve.ts";

const here: WorkspaceInfo = { root: "/here", kind: "git", repository: ["/here/.git"] };
const other: WorkspaceInfo = { root: "/other", kind: "git", repository: [] };
const third: WorkspaceInfo = { root: "/third", kind: "lockfile", repository: [] };
const sibling: WorkspaceInfo = { root: "/sibling", kind: "git", repository: ["/here/.git"] };

test("the own workspace comes first", () => {
  const near = worker("api", here);
  expect(resolve("api", [worker("api", other), near, worker("api", third)])).toEqual({
    type: "found",
    worker: near,
  });
});

test("then the only other one, never a sibling checkout's", () => {
  const far = worker("api", other);
  expect(resolve("api", [far, worker("api", sibling)])).toEqual({ type: "found", worker: far });
  expect(resolve("api", [worker("api", sibling)])).toEqual({
    type: "missing",
    message: 'Worker "api" not found. Make sure it is running locally.',
    detail:
      '"api" runs in /sibling (process 7), another checkout of the same repository; checkouts never call each other.\n' +
      "No Worker of this workspace is running.\n" +
      "Running elsewhere: api (/sibling).",
  });
});

test("several others are ambiguous, with their folders", () => {
  expect(resolve("api", [worker("api", other), worker("api", third)])).toMatchObject({
    type: "ambiguous",
    detail: '"api" in /other (process 7)\n"api" in /third (process 7)',
  });
});

test("a missing Worker comes with who is there and how to start it", () => {
  const workers = [worker("web", here), worker("auth", here), worker("mail", other)];
  expect(resolve("api", workers, { command: "drover dev -c api/wrangler.toml" })).toMatchObject({
    type: "missing",
    detail:
      "Running in this workspace: auth, web.\n" +
      "Running elsewhere: mail (/other).\n" +
      "Start it with: drover dev -c api/wrangler.toml",
  });
});

test("a Worker that does not serve yet is starting", () => {
  for (const part of [{ ready: false }, { address: null }]) {
    expect(resolve("api", [{ ...worker("api", here), ...part }])).toMatchObject({
      type: "starting",
      message: 'Worker "api" not found. Make sure it is running locally.',
      detail: '"api" is starting in /here (process 7).',
    });
  }
});

test("a Worker that failed to start is not said to be starting", () => {
  const failed = { ...worker("api", here), ready: false, failure: "Error: boom" };
  expect(resolve("api", [failed])).toMatchObject({
    type: "starting",
    detail: '"api" failed to start in /here (process 7).',
  });
});

test("own Workers are listed but never the answer", () => {
  const own = worker("api", here);
  const mine = { ...own, session: { ...own.session, id: "me" } };
  expect(resolve("api", [mine])).toMatchObject({
    type: "missing",
    detail: "Running in this workspace: api.",
  });
  const beside = { ...worker("web", other), session: mine.session };
  expect(resolve("mail", [mine, beside])).toMatchObject({
    detail: "Running in this workspace: api, web.",
  });
});

test("an incompatible one in the own workspace is named rather than passed over", () => {
  const old = { ...worker("api", here), compatible: false };
  expect(resolve("api", [old, worker("api", other)])).toMatchObject({
    type: "incompatible",
    detail: '"api" runs in /here (process 7) with drover 1.0.0; this is drover 2.0.0.',
  });
  const fresh = worker("api", here);
  expect(resolve("api", [old, fresh])).toEqual({ type: "found", worker: fresh });
});

test("an incompatible one elsewhere does not make a compatible one ambiguous", () => {
  const old = { ...worker("api", other), compatible: false };
  const fresh = worker("api", third);
  expect(resolve("api", [old, fresh])).toEqual({ type: "found", worker: fresh });
  expect(resolve("api", [old])).toMatchObject({ type: "incompatible" });
});

test("what an incompatible daemon knows is incompatible too", () => {
  const foreign = [{ name: "api", pid: 7, folder: "/here", version: "3.0.0" }];
  expect(resolve("api", [], { foreign })).toMatchObject({
    type: "incompatible",
    message:
      'Worker "api" is not compatible with this version of the dev server. Please update all Worker instances to the same version.',
  });
  expect(resolve("web", [], { foreign })).toMatchObject({ type: "missing" });
});

function resolve(
  service: string,
  workers: readonly RegisteredWorker[],
  more: Partial<Parameters<typeof resolveService>[0]> = {},
): Resolution {
  const question = { service, from: here, workers, foreign: [], version: "2.0.0", self: "me" };
  return resolveService({ ...question, command: undefined, ...more });
}

function worker(name: string, workspace: WorkspaceInfo): RegisteredWorker {
  return {
    name,
    entrypoints: [],
    durableObjectClasses: [],
    address: `/run/${name}.sock`,
    generation: 1,
    ready: true,
    workspace,
    session: { id: "s", pid: 7, cwd: workspace.root, version: "1.0.0", startedAt: 0 },
    since: 0,
    compatible: true,
  };
}
