import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  durableObjectFolder,
  objectId,
  sanitizeName,
  stateRoot,
  storePaths,
} from "../../../src/storage/state-folder.ts";

describe("the state folder's layout is wrangler's", () => {
  test("lies beside the config, or where --persist-to says, from the working directory", () => {
    const base = { configFolder: "/p/api", cwd: "/p" };
    expect(stateRoot({ ...base, persistTo: undefined })).toBe(
      join("/p/api", ".wrangler", "state", "v3"),
    );
    expect(stateRoot({ ...base, persistTo: "data" })).toBe(join("/p", "data", "v3"));
  });

  test("names files by the id of a Durable Object of that name", () => {
    // spec/resources.md 2.2
    expect(objectId("miniflare-KVNamespaceObject", "kv-id-1")).toBe(
      "71d455f3a96bd01da5b82e52d26a44c158d7068052cd8113390c308e4af7da67",
    );
    expect(storePaths("/s", "kv", "kv-id-1")).toEqual({
      database: join(
        "/s/kv/miniflare-KVNamespaceObject",
        "71d455f3a96bd01da5b82e52d26a44c158d7068052cd8113390c308e4af7da67.sqlite",
      ),
      blobs: join("/s/kv/kv-id-1/blobs"),
    });
    expect(storePaths("/s", "d1", "x").blobs).toBeUndefined();
    expect(durableObjectFolder("/s", "api", "Room")).toBe(join("/s/do/api-Room"));
  });

  test.each([
    ["weird/../id name", "weird____id name"],
    ["named:a%2F..%2F%C3%A9%20x", "named_a%2F..%2F%C3%A9%20x"],
    ["..", "__"],
    ["./../.", "______"],
    ["a.b/...", "a.b____"],
    ["con", "_"],
    ["COM1.txt", "_"],
    ["console", "console"],
    ["  x / ", "__x __"],
    ["a?<>*\"'^:|\n\u0080", "a___________"],
    ["é".repeat(300), "é".repeat(255)],
  ])("makes a folder name of %j", (name, folder) => {
    expect(sanitizeName(name)).toBe(folder);
  });
});
