/* The tree, paths, files and folders (spec/node.md 5.1, 5.2), synchronously. */
import fs from "node:fs";
import { thrown } from "../shown.js";

const text = (path) => fs.readFileSync(path, "utf8");
const statKeys = (stats) => {
  const { atime, mtime, ctime, birthtime, ...rest } = stats;
  return { ...rest, dates: [atime, mtime, ctime, birthtime] };
};

export const cases = {
  "the root": () => [fs.readdirSync("/"), fs.readdirSync("/dev"), fs.readdirSync("/tmp")],
  "the bundle": () => [
    fs.readdirSync("/bundle").includes("worker.js"),
    text("/bundle/note.txt"),
    fs.readdirSync("/bundle/cases").includes("fs.js"),
  ],
  "a module's source": () => text("/bundle/shown.js").slice(0, 40),
  "stats of a file": () => (fs.writeFileSync("/tmp/st", "hello"), statKeys(fs.statSync("/tmp/st"))),
  "stats of folders": () =>
    ["/", "/tmp", "/bundle", "/dev"].map((path) => fs.statSync(path).mode.toString(8)),
  "stats of a bundle file": () => statKeys(fs.statSync("/bundle/note.txt")),
  "stats of a device": () => statKeys(fs.statSync("/dev/null")),
  "stats as bigint": () => statKeys(fs.statSync("/tmp/st", { bigint: true })),
  "stats that may miss": () => [
    fs.statSync("/tmp/none", { throwIfNoEntry: false }),
    fs.lstatSync("/tmp/none", { throwIfNoEntry: false }),
  ],
  "kinds of stats": () => {
    const stats = fs.statSync("/tmp");
    return [
      "isFile",
      "isDirectory",
      "isSymbolicLink",
      "isBlockDevice",
      "isCharacterDevice",
      "isFIFO",
      "isSocket",
    ].map((name) => stats[name]());
  },
  "stats are no class to construct": () => thrown(() => new fs.Stats()),
  "names of stats": () => [
    Object.prototype.toString.call(fs.statSync("/tmp")),
    fs.statSync("/tmp") instanceof fs.Stats,
    fs.statSync("/tmp").constructor.name,
  ],
  "what writing gives": () => [
    fs.writeFileSync("/tmp/w", "héllo"),
    fs.appendFileSync("/tmp/w", "!!"),
    text("/tmp/w"),
  ],
  "writing bytes": () => [
    fs.writeFileSync("/tmp/b", new Uint8Array([1, 2, 255])),
    fs.readFileSync("/tmp/b"),
    fs.readFileSync("/tmp/b").constructor.name,
  ],
  "writing an array buffer": () =>
    thrown(() => fs.writeFileSync("/tmp/b2", new Uint8Array([1, 2]).buffer)),
  "writing a number": () => thrown(() => fs.writeFileSync("/tmp/b2", 5)),
  "writing an object": () => thrown(() => fs.writeFileSync("/tmp/b2", { a: 1 })),
  "writing with an encoding": () => (
    fs.writeFileSync("/tmp/hex", "616263", "hex"), text("/tmp/hex")
  ),
  "writing with a flag": () => (
    fs.writeFileSync("/tmp/fl", "a"),
    fs.writeFileSync("/tmp/fl", "b", { flag: "a" }),
    text("/tmp/fl")
  ),
  "reading with encodings": () =>
    ["utf8", "hex", "base64", "latin1", { encoding: "ascii" }, "utf16le"].map((encoding) =>
      fs.readFileSync("/tmp/fl", encoding),
    ),
  "a bad encoding": () => thrown(() => fs.readFileSync("/tmp/fl", "nope")),
  "a bad flag": () => thrown(() => fs.readFileSync("/tmp/fl", { flag: "nope" })),
  "a bad mode": () => thrown(() => fs.writeFileSync("/tmp/fl", "x", { mode: "9z" })),
  "bad options": () => thrown(() => fs.readFileSync("/tmp/fl", 5)),
  "reading a missing file": () => thrown(() => text("/tmp/none")),
  "reading a missing relative file": () => thrown(() => text("none")),
  "reading in a missing folder": () => thrown(() => text("/no/none")),
  "reading below a file": () => thrown(() => text("/tmp/fl/x")),
  "reading the machine": () => thrown(() => text("/etc/passwd")),
  "reading a folder": () => thrown(() => text("/tmp")),
  "writing in a missing folder": () => thrown(() => fs.writeFileSync("/tmp/no/x", "a")),
  "writing to the root": () => thrown(() => fs.writeFileSync("/x", "a")),
  "writing to the bundle": () => thrown(() => fs.writeFileSync("/bundle/x", "a")),
  "writing over the bundle": () => thrown(() => fs.writeFileSync("/bundle/note.txt", "a")),
  "writing relative": () => thrown(() => fs.writeFileSync("x", "a")),
  "writing to a folder": () => thrown(() => fs.writeFileSync("/tmp", "a")),
  "appending to a missing file": () => [fs.appendFileSync("/tmp/new", "a"), text("/tmp/new")],
  "wx on an existing file": () => thrown(() => fs.writeFileSync("/tmp/fl", "a", { flag: "wx" })),
  "ax on an existing file": () => thrown(() => fs.appendFileSync("/tmp/fl", "a", { flag: "ax" })),
  "r+ on a missing file": () => thrown(() => fs.writeFileSync("/tmp/none", "a", { flag: "r+" })),
  "r+ on an existing file": () => (
    fs.writeFileSync("/tmp/rp", "abcdef"),
    fs.writeFileSync("/tmp/rp", "XY", { flag: "r+" }),
    text("/tmp/rp")
  ),
  exists: () =>
    ["/tmp", "/tmp/none", "/bundle/note.txt", 5, undefined].map((path) => fs.existsSync(path)),
  access: async () => [
    fs.accessSync("/tmp"),
    await thrown(() => fs.accessSync("/tmp/none")),
    await thrown(() => fs.accessSync("/bundle", fs.constants.W_OK)),
    await thrown(() => fs.accessSync("/tmp", fs.constants.X_OK)),
    await thrown(() => fs.accessSync("/tmp/fl", fs.constants.W_OK)),
    await thrown(() => fs.accessSync("/tmp/fl", 99)),
  ],
  mkdir: () => [
    fs.mkdirSync("/tmp/d"),
    fs.statSync("/tmp/d").mode.toString(8),
    fs.mkdirSync("/tmp/d"),
    fs.readdirSync("/tmp/d"),
  ],
  "mkdir without parent": () => thrown(() => fs.mkdirSync("/tmp/q/w")),
  "mkdir recursive": () => [
    fs.mkdirSync("/tmp/r/s/t", { recursive: true }),
    fs.mkdirSync("/tmp/r/s/t", { recursive: true }),
    fs.mkdirSync("/tmp/r/s/u/v", { recursive: true }),
  ],
  "mkdir over a file": () => thrown(() => fs.mkdirSync("/tmp/fl")),
  "mkdir recursive over a file": () => thrown(() => fs.mkdirSync("/tmp/fl/x", { recursive: true })),
  "mkdir in the bundle": () => thrown(() => fs.mkdirSync("/bundle/d")),
  "mkdir in the root": () => thrown(() => fs.mkdirSync("/d")),
  "mkdir recursive in the root": () => thrown(() => fs.mkdirSync("/d/e", { recursive: true })),
  "mkdir of the root": () => thrown(() => fs.mkdirSync("/", { recursive: true })),
  rmdir: async () => [
    fs.rmdirSync("/tmp/d"),
    await thrown(() => fs.rmdirSync("/tmp/d")),
    await thrown(() => fs.rmdirSync("/tmp/r")),
    await thrown(() => fs.rmdirSync("/tmp/fl")),
    await thrown(() => fs.rmdirSync("/bundle")),
  ],
  "rmdir recursive": () => (
    fs.mkdirSync("/tmp/rr/a", { recursive: true }),
    [fs.rmdirSync("/tmp/rr", { recursive: true }), fs.existsSync("/tmp/rr")]
  ),
  rm: async () => {
    fs.mkdirSync("/tmp/rm/a", { recursive: true });
    fs.writeFileSync("/tmp/rm/f", "x");
    return [
      await thrown(() => fs.rmSync("/tmp/rm")),
      fs.rmSync("/tmp/rm/f"),
      await thrown(() => fs.rmSync("/tmp/none")),
      await thrown(() => fs.rmSync("/tmp/such/none")),
      fs.rmSync("/tmp/rm", { recursive: true }),
      fs.existsSync("/tmp/rm"),
      fs.rmSync("/tmp/none", { force: true }),
      await thrown(() => fs.rmSync("/tmp/no/none", { force: true })),
    ];
  },
  "rm of an empty folder": () => (fs.mkdirSync("/tmp/em"), thrown(() => fs.rmSync("/tmp/em"))),
  "rm of read-only places": async () => [
    await thrown(() => fs.rmSync("/bundle/note.txt")),
    await thrown(() => fs.rmSync("/dev/null")),
    await thrown(() => fs.rmSync("/tmp", { recursive: true })),
    await thrown(() => fs.rmSync("/", { recursive: true })),
  ],
  unlink: async () => [
    fs.writeFileSync("/tmp/u", "x"),
    fs.unlinkSync("/tmp/u"),
    await thrown(() => fs.unlinkSync("/tmp/u")),
    await thrown(() => fs.unlinkSync("/tmp/r")),
    await thrown(() => fs.unlinkSync("/bundle/note.txt")),
    await thrown(() => fs.unlinkSync("/tmp/zz/x")),
  ],
  readdir: async () => {
    fs.mkdirSync("/tmp/rd/sub/deep", { recursive: true });
    fs.writeFileSync("/tmp/rd/b", "x");
    fs.writeFileSync("/tmp/rd/a", "x");
    fs.writeFileSync("/tmp/rd/sub/in", "x");
    return [
      fs.readdirSync("/tmp/rd"),
      fs.readdirSync("/tmp/rd/"),
      fs.readdirSync("/tmp/rd", "buffer"),
      fs
        .readdirSync("/tmp/rd", { withFileTypes: true })
        .map((entry) => [
          entry.name,
          entry.parentPath,
          entry.path,
          entry.isFile(),
          entry.isDirectory(),
          entry instanceof fs.Dirent,
          Object.keys(entry),
        ]),
    ];
  },
  "readdir recursive": () => fs.readdirSync("/tmp/rd", { recursive: true }),
  "readdir recursive with types": () =>
    fs
      .readdirSync("/tmp/rd", { recursive: true, withFileTypes: true })
      .map((entry) => [String(entry.name).split("/").at(-1), entry.parentPath]),
  "readdir refusals": async () => [
    await thrown(() => fs.readdirSync("/tmp/none")),
    await thrown(() => fs.readdirSync("/tmp/rd/a")),
    await thrown(() => fs.readdirSync("/tmp", { withFileTypes: 5 })),
    await thrown(() => fs.readdirSync("/tmp", "nope")),
  ],
};
