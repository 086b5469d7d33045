import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { tempProject } from "../helpers/temp-project.ts";
import {
  CALLEE_CONFIG,
  CALLER_CONFIG,
  connected,
  printed,
  RegistryHome,
  twoWorkers,
} from "./registry-home.ts";
import { config } from "./workers.ts";

const git = (cwd: string, ...args: string[]) =>
  execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args], { cwd });

const named = (text: string) => `
import { WorkerEntrypoint } from "cloudflare:workers";
export default class extends WorkerEntrypoint {
  fetch() { return new Response("${text}"); }
  version() { return "${text}"; }
}
export class Admin extends WorkerEntrypoint {}
`;

/** `files` below `folder`. */
const below = (folder: string, files: Record<string, string>) =>
  Object.fromEntries(Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]));

test("two worktrees with the same names never call each other", async () => {
  await using home = new RegistryHome();
  await using project = await tempProject(below("main", twoWorkers()));
  const main = project.path("main");
  git(main, "init", "-q");
  git(main, "add", ".");
  git(main, "commit", "-qm", "all");
  git(main, "worktree", "add", "-q", "../feature");
  await project.write("feature/callee/src/index.ts", named("feature"));
  const feature = project.path("feature");

  await using callerInMain = await home.dev(CALLER_CONFIG, { cwd: main });
  await using callerInFeature = await home.dev(CALLER_CONFIG, { cwd: feature });
  await using calleeInFeature = await home.dev(CALLEE_CONFIG, { cwd: feature });
  await connected(callerInFeature);
  expect(await (await callerInFeature.fetch("/version")).text()).toBe("feature");
  await callerInMain.waitForLine(
    /\[not connected\] \(callee runs in another checkout only: .*feature\)/,
  );
  expect((await callerInMain.fetch("/fetch")).status).toBe(503);
  await callerInMain.waitForLine(/checkouts never call each other/);

  await using _calleeInMain = await home.dev(CALLEE_CONFIG, { cwd: main });
  await connected(callerInMain);
  expect(await (await callerInMain.fetch("/version")).text()).toBe("v1");
  expect(await (await callerInFeature.fetch("/version")).text()).toBe("feature");
  expect(calleeInFeature.output).not.toContain("Another session");
});

test("a Worker of another workspace is used if it is the only one of that name", async () => {
  await using home = new RegistryHome();
  await using project = await tempProject({
    ...below("app", twoWorkers()),
    ...below("one", { ...twoWorkers(), "callee/src/index.ts": named("one") }),
    ...below("two", { ...twoWorkers(), "callee/src/index.ts": named("two") }),
  });
  await using caller = await home.dev(CALLER_CONFIG, { cwd: project.path("app") });
  await using _one = await home.dev(CALLEE_CONFIG, { cwd: project.path("one") });
  await connected(caller);
  expect(await (await caller.fetch("/version")).text()).toBe("one");

  await using two = await home.dev(CALLEE_CONFIG, { cwd: project.path("two") });
  await caller.waitForLine(/\[not connected\] \(callee runs in several workspaces: .*one, .*two\)/);
  expect(await (await caller.fetch("/version")).json()).toMatchObject({
    message: expect.stringContaining('"callee" is running in 2 other workspaces'),
  });
  caller.mark();
  await two.stop();
  await connected(caller);
  await caller.waitForLine(/env\.CALLEE.*\[connected\]/);
  expect(await (await caller.fetch("/version")).text()).toBe("one");
});

test("the second of a name says who has it, serves, and takes over when the holder ends", async () => {
  await using home = new RegistryHome();
  await using project = await tempProject({
    ...twoWorkers(),
    "other/wrangler.json": config("callee"),
    "other/src/index.ts": named("second"),
  });
  const { dir: cwd } = project;
  await using first = await home.dev(CALLEE_CONFIG, { cwd });
  await using caller = await home.dev(CALLER_CONFIG, { cwd });
  await connected(caller);
  await using second = await home.dev("other/wrangler.json", { cwd });
  await printed(
    second,
    new RegExp(
      `▲ \\[WARNING\\] Another session runs a Worker named callee: process ${first.child.pid} in .*since`,
    ),
  );
  expect(await (await second.fetch("/")).text()).toBe("second");
  expect(await (await caller.fetch("/version")).text()).toBe("v1");

  await first.stop("SIGKILL");
  await second.waitForLine(/The name callee is this session's now/);
  while ((await (await caller.fetch("/version")).text()) !== "second");
});

test("--takeover takes the name at once; the former holder is told and gets it back", async () => {
  await using home = new RegistryHome();
  await using project = await tempProject({
    ...twoWorkers(),
    "other/wrangler.json": config("callee"),
    "other/src/index.ts": named("second"),
  });
  const { dir: cwd } = project;
  await using first = await home.dev(CALLEE_CONFIG, { cwd });
  await using caller = await home.dev(CALLER_CONFIG, { cwd });
  await connected(caller);
  await using second = await home.dev("other/wrangler.json", { cwd, args: ["--takeover"] });
  await printed(first, /▲ \[WARNING\] Another session has taken over the name callee/);
  while ((await (await caller.fetch("/version")).text()) !== "second");
  await second.stop();
  await printed(first, /The name callee is this session's now/);
  await connected(caller);
  while ((await (await caller.fetch("/version")).text()) !== "v1");
});

test("--strict ends with exit code 2 where the name is taken", async () => {
  await using home = new RegistryHome();
  await using project = await tempProject(twoWorkers());
  const { dir: cwd } = project;
  await using first = await home.dev(CALLEE_CONFIG, { cwd });
  while ((await home.list()).workers.length === 0);
  await using second = await home.dev(CALLEE_CONFIG, {
    cwd,
    args: ["--strict"],
    waitForReady: false,
  });
  expect(await second.exited).toEqual({ code: 2, signal: null });
  expect(second.output).toMatch(
    new RegExp(`Another session runs a Worker named "callee": process ${first.child.pid} in `),
  );
});
