import { $ } from "kleur/colors";
import { beforeAll, expect, test } from "vitest";
import { formatListing, formatUptime } from "../../../src/cli/commands/registry.ts";
import type { RegisteredWorker } from "../../../src/protocol/registry.ts";
import type { RegistryListing } from "../../../src/registry/commands.ts";

const empty: RegistryListing = {
  socket: "/run/drover/registry.sock",
  daemon: { pid: 9, protocol: 1, version: "1.0.0", startedAt: 0 },
  workers: [],
  foreign: [],
};

beforeAll(() => {
  $.enabled = false;
});

test("no daemon and no Workers are different things", () => {
  expect(formatListing({ ...empty, daemon: null }, 0)).toBe(
    "No Worker is running: there is no dev registry.",
  );
  expect(formatListing(empty, 61_000)).toBe(
    "No Worker is running.\n\nregistry: process 9, drover 1.0.0, 1 min, /run/drover/registry.sock",
  );
});

test("Workers are sorted by workspace and name, and say why they cannot be called", () => {
  const workers = [
    worker({ name: "web", root: "/code/b" }),
    worker({
      name: "gateway",
      root: "/code/a",
      entrypoints: ["Admin", "default"],
      url: "http://localhost:8787",
    }),
    worker({ name: "api", root: "/code/a", ready: false }),
    worker({ name: "old", root: "/code/c", compatible: false }),
    worker({ name: "bad", root: "/code/c", failure: "boom" }),
  ];
  const lines = formatListing({ ...empty, workers }, 3_600_000)
    .split("\n")
    .slice(0, -2);
  expect(lines.map((line) => line.split(/ {2,}/).map((cell) => cell.trim()))).toEqual([
    ["Worker", "Entrypoints", "Process", "Uptime", "Workspace", "URL"],
    ["api", "starting", "7", "1 h 0 min", "/code/a"],
    ["gateway", "default, Admin", "7", "1 h 0 min", "/code/a", "http://localhost:8787"],
    ["web", "7", "1 h 0 min", "/code/b"],
    ["bad", "failed to start", "7", "1 h 0 min", "/code/c"],
    ["old", "incompatible version", "7", "1 h 0 min", "/code/c"],
  ]);
});

test("another version's Workers are named", () => {
  const foreign = [{ name: "api", pid: 7, folder: "/code", version: "0.9.0" }];
  const text = formatListing({ ...empty, foreign }, 0);
  expect(text).toContain("another version of drover and cannot be called");
  expect(text).toMatch(/api +7 +0\.9\.0 +\/code/);
});

test.for([
  [-5, "0 s"],
  [59_999, "59 s"],
  [723_000, "12 min"],
  [12_000_000, "3 h 20 min"],
  [187_200_000, "2 d 4 h"],
] as const)("%d ms is %s", ([ms, text]) => {
  expect(formatUptime(ms)).toBe(text);
});

function worker(part: {
  name: string;
  root: string;
  entrypoints?: string[];
  url?: string;
  ready?: boolean;
  compatible?: boolean;
  failure?: string;
}): RegisteredWorker {
  return {
    name: part.name,
    entrypoints: (part.entrypoints ?? []).map((name) => ({ name, kind: "class", methods: [] })),
    durableObjectClasses: [],
    address: null,
    generation: 1,
    ...(part.url === undefined ? {} : { url: part.url }),
    ...(part.failure === undefined ? {} : { failure: part.failure }),
    ready: part.ready ?? true,
    workspace: { root: part.root, kind: "git", repository: [] },
    session: { id: "s", pid: 7, cwd: part.root, version: "1.0.0", startedAt: 0 },
    since: 0,
    compatible: part.compatible ?? true,
  };
}
