import { expect, test } from "vitest";
import { placesOf, reloadsFor, type Watched } from "../../../src/session/reload.ts";
import { resolvedConfig } from "../../helpers/resolved-config.ts";

const api: Watched = {
  name: "api",
  config: resolvedConfig({
    name: "api",
    watchFiles: ["/p/api/wrangler.toml", "/p/api/.dev.vars"],
  }),
  inputs: { files: new Set(["/p/api/index.ts", "/p/shared/util.ts"]), trees: new Set() },
};
const auth: Watched = {
  name: "auth",
  config: resolvedConfig({
    name: "auth",
    watchFiles: ["/p/auth/wrangler.toml"],
  }),
  inputs: {
    files: new Set(["/p/auth/dist/index.js", "/p/shared/util.ts"]),
    trees: new Set(["/p/auth/src"]),
  },
};

function kinds(...files: string[]) {
  return Object.fromEntries(
    [...reloadsFor(files, [api, auth])].map(([name, { kind }]) => [name, kind]),
  );
}

test("a file concerns the Workers that it is an input of, and no other", () => {
  expect(kinds("/p/api/index.ts")).toEqual({ api: "source" });
  expect(kinds("/p/shared/util.ts")).toEqual({ api: "source", auth: "source" });
  expect(kinds("/p/README.md")).toEqual({});
});

test("configs and var files are read again", () => {
  expect(kinds("/p/api/.dev.vars")).toEqual({ api: "config" });
  expect(kinds("/p/auth/wrangler.toml", "/p/shared/util.ts")).toEqual({
    api: "source",
    auth: "config",
  });
});

test("a folder among the inputs counts whole", () => {
  expect(kinds("/p/auth/src/deep/a.rs")).toEqual({ auth: "source" });
  expect(kinds("/p/auth/src2/a.rs")).toEqual({});
});

test("one change of many files is one reload with all of them", () => {
  const reload = reloadsFor(["/p/api/index.ts", "/p/shared/util.ts"], [api]).get("api");
  expect(reload?.files).toEqual(["/p/api/index.ts", "/p/shared/util.ts"]);
});

test("configs, var files, sources and trees are watched", () => {
  expect(placesOf(auth)).toEqual({
    files: new Set(["/p/auth/wrangler.toml", "/p/auth/dist/index.js", "/p/shared/util.ts"]),
    trees: new Set(["/p/auth/src"]),
  });
});
