import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  createWorkerSocketPath,
  isRegistryOff,
  ownerOfSocket,
  registryKey,
  resolveRegistryPaths,
} from "../../../src/registry/paths.ts";

let root: string;

beforeEach(() => {
  root = mkdtempSync("/tmp/dr-");
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

test("the directory is private, whatever it was before", () => {
  mkdirSync(path.join(root, "drover"));
  chmodSync(path.join(root, "drover"), 0o755);
  const paths = resolveRegistryPaths({ XDG_RUNTIME_DIR: root }, "/");
  expect(paths).toEqual({
    directory: path.join(root, "drover"),
    socket: path.join(root, "drover", "registry.sock"),
  });
  expect(statSync(path.join(root, "drover")).mode & 0o777).toBe(0o700);
});

test("equal values share a socket, different ones do not", () => {
  const socketOf = (env: Record<string, string>, cwd = "/"): string =>
    path.basename(resolveRegistryPaths({ XDG_RUNTIME_DIR: root, ...env }, cwd).socket);
  const blue = socketOf({ DROVER_REGISTRY: "blue" });
  expect(blue).toMatch(/^registry-[0-9a-f]{10}\.sock$/);
  expect(socketOf({ DROVER_REGISTRY: "blue" }, "/elsewhere")).toBe(blue);
  expect(socketOf({ DROVER_REGISTRY: "green" })).not.toBe(blue);
  expect(socketOf({ DROVER_REGISTRY: "blue", WRANGLER_REGISTRY_PATH: "/r" })).toBe(blue);
  expect(socketOf({ WRANGLER_REGISTRY_PATH: "/r" })).not.toBe(blue);
  expect(socketOf({})).toBe("registry.sock");
});

test("paths are relative to the session's folder, names are not", () => {
  expect(registryKey({ WRANGLER_REGISTRY_PATH: "../r" }, "/a/b")).toBe("/a/r");
  expect(registryKey({ DROVER_REGISTRY: "./r" }, "/a/b")).toBe("/a/b/r");
  expect(registryKey({ DROVER_REGISTRY: "r" }, "/a/b")).toBe("r");
  expect(registryKey({ DROVER_REGISTRY: "", WRANGLER_REGISTRY_PATH: "" }, "/a/b")).toBe("");
});

test("DROVER_REGISTRY=off asks for no registry", () => {
  expect(isRegistryOff({ DROVER_REGISTRY: "off" })).toBe(true);
  expect(isRegistryOff({ DROVER_REGISTRY: "office" })).toBe(false);
  expect(isRegistryOff({})).toBe(false);
});

test.for(["a long path", "a file", "a planted link"])(
  "%s as the runtime directory is passed over for the temporary one",
  (what) => {
    const runtime = path.join(root, what === "a long path" ? "x".repeat(80) : "runtime");
    mkdirSync(runtime);
    if (what === "a file") writeFileSync(path.join(runtime, "drover"), "");
    if (what === "a planted link") symlinkSync("/tmp", path.join(runtime, "drover"));
    const { directory } = resolveRegistryPaths({ XDG_RUNTIME_DIR: runtime, TMPDIR: root }, "/");
    expect(directory).toBe(path.join(root, `drover-${process.getuid?.()}`));
  },
);

test("with nothing usable the error names every directory and its problem", () => {
  writeFileSync(path.join(root, "file"), "");
  const env = { XDG_RUNTIME_DIR: path.join(root, "absent"), TMPDIR: path.join(root, "file") };
  expect(() => resolveRegistryPaths(env, "/")).toThrow(
    expect.objectContaining({
      code: "REGISTRY_DIRECTORY",
      message: expect.stringMatching(/absent\/drover: cannot be created[\s\S]*file\/drover-/),
      hint: expect.stringContaining("--no-registry"),
    }),
  );
});

test("a Worker's socket path is new each time and names its process", () => {
  const paths = resolveRegistryPaths({ XDG_RUNTIME_DIR: root }, "/");
  const [one, two] = [createWorkerSocketPath(paths), createWorkerSocketPath(paths)];
  expect(one).not.toBe(two);
  expect(path.dirname(one)).toBe(paths.directory);
  expect(ownerOfSocket(path.basename(one))).toBe(process.pid);
  expect(ownerOfSocket("registry.sock")).toBeUndefined();
});

test("no path is ever longer than sockets allow", () => {
  for (let length = 1; length < 90; length += 1) {
    const runtime = path.join(root, "y".repeat(length));
    mkdirSync(runtime);
    const env = { XDG_RUNTIME_DIR: runtime, TMPDIR: root, DROVER_REGISTRY: "some name" };
    const paths = resolveRegistryPaths(env, "/");
    expect(Buffer.byteLength(`${paths.socket}.start`)).toBeLessThanOrEqual(100);
    expect(Buffer.byteLength(createWorkerSocketPath(paths))).toBeLessThanOrEqual(100);
  }
});
