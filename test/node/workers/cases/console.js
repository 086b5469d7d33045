/* `node:console` (spec/node.md 4.2). */
import console_, * as namespace from "node:console";
import { Writable } from "node:stream";
import { thrown } from "../shown.js";

/** What a Console prints to two streams. */
async function printed(run, options = {}) {
  const sink = (lines) =>
    new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk));
        done();
      },
    });
  const [out, err] = [[], []];
  await run(new namespace.Console({ stdout: sink(out), stderr: sink(err), ...options }));
  return [out, err];
}

export const cases = {
  "the default export": () => [
    console_ === globalThis.console,
    Object.keys(console_).sort(),
    typeof console_.Console,
    typeof console_.console,
    typeof console_._stdout,
    typeof console_._stderr,
    typeof console_._times,
    console_._ignoreErrors,
    namespace.Console === console_.Console,
    Object.prototype.toString.call(console_),
  ],
  refusals: async () => [
    await thrown(() => console_.context()),
    await thrown(() => console_.createTask("x")),
    await thrown(() => new namespace.Console()),
    await thrown(() => new namespace.Console({})),
    await thrown(() => new namespace.Console(5)),
    await thrown(() => new namespace.Console({ stdout: {} })),
    await thrown(() => new namespace.Console({ stdout: process.stdout, colorMode: 5 })),
    await thrown(() => new namespace.Console({ stdout: process.stdout, groupIndentation: -1 })),
  ],
  "a console on streams": () =>
    printed((made) => {
      made.log("log %s %d", "a", 1, { b: 2 });
      made.info("info");
      made.debug("debug");
      made.warn("warn");
      made.error("error", 5);
      made.group("group");
      made.log("inside\ntwo lines");
      made.groupEnd();
      made.count();
      made.count("x");
      made.countReset();
      made.count();
      made.countReset("none");
      made.assert(1, "not");
      made.assert(0, "assertion %s", "x");
      made.assert(0);
      made.dir({ a: { b: { c: { d: 1 } } } }, { depth: 0 });
      made.dirxml("xml", 1);
      made.timeEnd("none");
      made.timeLog("none");
    }),
  tables: () =>
    printed((made) => {
      made.table([
        { a: 1, b: "x" },
        { a: 2, c: true },
      ]);
      made.table([{ a: 1, b: 2 }], ["b"]);
      made.table(new Map([["k", 1]]));
      made.table(new Set([1]));
      made.table(5);
      made.table([[1, 2], [3]]);
    }),
  times: async () => {
    const [out, err] = await printed((made) => {
      made.time("t");
      made.time("t");
      made.timeLog("t", "more");
      made.timeEnd("t");
    });
    return [out.map((line) => line.replace(/[\d.]+(ms|s)/, "N$1")), err];
  },
  traces: async () => {
    const [out, err] = await printed((made) => made.trace("here %s", 1));
    return [out, err.map((text) => text.split("\n")[0])];
  },
  "one stream": async () => {
    const lines = [];
    const made = new namespace.Console(
      new Writable({
        write(chunk, _encoding, done) {
          lines.push(String(chunk));
          done();
        },
      }),
    );
    made.log("out");
    made.error("err");
    return [lines, made instanceof namespace.Console, made.constructor.name];
  },
  colours: () => printed((made) => made.log({ a: 1, b: "x" }), { colorMode: true }),
  indentation: () =>
    printed(
      (made) => {
        made.group();
        made.log("in");
      },
      { groupIndentation: 5 },
    ),
  "methods that are torn off": () =>
    printed((made) => {
      const { log } = made;
      log("torn");
    }),
};
