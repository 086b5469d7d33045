import { behaviour, equal, throws } from "../harness.js";

/* What Node compatibility adds, on by default at the newest date: process.env, createRequire */

const compat = { dates: ["newest"] };

behaviour(
  "2.1",
  "process.env holds strings, whatever is assigned",
  () => {
    const { env } = process;
    for (const value of [1, null, undefined, true, 1n, { a: 1 }]) {
      env.X = value;
      equal(env.X, String(value));
    }
    Object.assign(env, { X: 2, 5: 6 });
    equal([env.X, env[5], env["5"]], ["2", "6", "6"]);
    Object.defineProperty(env, "Y", {
      value: 7,
      configurable: true,
      writable: true,
      enumerable: true,
    });
    equal(env.Y, "7");
    delete env.Y;
    equal(["Y" in env, env.Y], [false, undefined]);
    const text = "Cannot convert a symbol value to a string";
    throws(() => (env.X = Symbol("s")), "TypeError", text);
    throws(() => (env[Symbol("s")] = "x"), "TypeError", text);
    throws(
      () => Object.defineProperty(env, "Z", { value: 5 }),
      "TypeError",
      "The property 'descriptor.configurable' process.env value must be configurable. Received { value: 5 }",
    );
    throws(
      () => Object.defineProperty(env, "Z", { get: undefined, set() {}, configurable: true }),
      "TypeError",
      /^The argument 'descriptor' process\.env value must not have getter\/setter\./,
    );
  },
  compat,
);

behaviour(
  "14.1",
  "createRequire takes absolute paths and file URLs",
  async () => {
    const { createRequire } = await import("node:module");
    for (const path of ["/x", "/", "file:///bundle/a.js", new URL("file:///a"), import.meta.url]) {
      equal(typeof createRequire(path)("node:path").join, "function");
    }
    for (const path of ["x", "./x", "../x", "", "http://a/", "node:fs", "C:\\x", 5, null, {}]) {
      const shown = String(path).replaceAll("\\", "\\\\");
      const error = throws(
        () => createRequire(path),
        "TypeError",
        `The argument 'path' The argument must be a file URL object, a file URL string, or an absolute path string.. Received '${shown}'`,
      );
      equal(error.code, "ERR_INVALID_ARG_VALUE");
    }
    throws(() => createRequire("/x")("nope"), "Error", "Module not found: nope");
  },
  compat,
);
