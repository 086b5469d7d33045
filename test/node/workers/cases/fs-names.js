/* Names, links and copies of `node:fs` (spec/node.md 5.1, 5.2), synchronously. */
import fs from "node:fs";
import { thrown } from "../shown.js";

const text = (path) => fs.readFileSync(path, "utf8");

export const cases = {
  "files for the cases": () => {
    for (const name of ["fl", "h2"]) fs.writeFileSync(`/tmp/${name}`, "h!");
    fs.mkdirSync("/tmp/rd/sub/deep", { recursive: true });
    for (const name of ["b", "a", "sub/in"]) fs.writeFileSync(`/tmp/rd/${name}`, "x");
    return fs.readdirSync("/tmp/rd");
  },
  rename: async () => {
    fs.writeFileSync("/tmp/ra", "a");
    fs.writeFileSync("/tmp/rb", "b");
    return [
      fs.renameSync("/tmp/ra", "/tmp/rb"),
      text("/tmp/rb"),
      fs.existsSync("/tmp/ra"),
      await thrown(() => fs.renameSync("/tmp/none", "/tmp/x")),
      await thrown(() => fs.renameSync("/tmp/rb", "/tmp/no/x")),
      await thrown(() => fs.renameSync("/bundle/note.txt", "/tmp/x")),
      await thrown(() => fs.renameSync("/tmp/rb", "/bundle/x")),
      await thrown(() => fs.renameSync("/tmp/rb", "/tmp/rd")),
    ];
  },
  "rename of a folder": () => (
    fs.mkdirSync("/tmp/rf/x", { recursive: true }),
    fs.renameSync("/tmp/rf", "/tmp/rg"),
    [fs.existsSync("/tmp/rg/x"), fs.existsSync("/tmp/rf")]
  ),
  "rename of a folder over folders": async () => (
    fs.mkdirSync("/tmp/rh"),
    [await thrown(() => fs.renameSync("/tmp/rh", "/tmp/rg")), fs.readdirSync("/tmp").includes("rh")]
  ),
  "rename into itself": async () => (
    fs.mkdirSync("/tmp/ri"), [await thrown(() => fs.renameSync("/tmp/ri", "/tmp/ri/x"))]
  ),
  copyFile: async () => {
    fs.writeFileSync("/tmp/ca", "a");
    return [
      fs.copyFileSync("/tmp/ca", "/tmp/cb"),
      text("/tmp/cb"),
      await thrown(() => fs.copyFileSync("/tmp/ca", "/tmp/cb", fs.constants.COPYFILE_EXCL)),
      await thrown(() => fs.copyFileSync("/tmp/ca", "/tmp/cb", fs.constants.COPYFILE_FICLONE)),
      await thrown(() =>
        fs.copyFileSync("/tmp/ca", "/tmp/cb", fs.constants.COPYFILE_FICLONE_FORCE),
      ),
      await thrown(() => fs.copyFileSync("/tmp/none", "/tmp/cc")),
      await thrown(() => fs.copyFileSync("/tmp/ca", "/tmp/no/cc")),
      await thrown(() => fs.copyFileSync("/tmp/rd", "/tmp/cc")),
      await thrown(() => fs.copyFileSync("/tmp/ca", "/bundle/cc")),
      fs.copyFileSync("/bundle/note.txt", "/tmp/note"),
      fs.statSync("/tmp/note").mode.toString(8),
    ];
  },
  cp: async () => {
    fs.mkdirSync("/tmp/cp/a/b", { recursive: true });
    fs.writeFileSync("/tmp/cp/a/b/f", "f");
    return [
      fs.cpSync("/tmp/cp/a/b/f", "/tmp/cpf"),
      await thrown(() => fs.cpSync("/tmp/cp", "/tmp/cq")),
      fs.cpSync("/tmp/cp", "/tmp/cq", { recursive: true }),
      text("/tmp/cq/a/b/f"),
      await thrown(() =>
        fs.cpSync("/tmp/cp", "/tmp/cq", { recursive: true, errorOnExist: true, force: false }),
      ),
      await thrown(() => fs.cpSync("/tmp/cp", "/tmp/cq", { recursive: true, filter: () => true })),
      await thrown(() => fs.cpSync("/tmp/none", "/tmp/cr")),
      await thrown(() => fs.cpSync("/tmp/cp", "/tmp/cpf", { recursive: true })),
      await thrown(() => fs.cpSync("/tmp/cpf", "/tmp/cp")),
      await thrown(() => fs.cpSync("/tmp/cp", "/tmp/cp/z", { recursive: true })),
    ];
  },
  truncate: async () => (
    fs.writeFileSync("/tmp/tr", "abcdef"),
    [
      fs.truncateSync("/tmp/tr", 3),
      text("/tmp/tr"),
      fs.truncateSync("/tmp/tr", 5),
      fs.readFileSync("/tmp/tr"),
      fs.truncateSync("/tmp/tr"),
      text("/tmp/tr"),
      await thrown(() => fs.truncateSync("/tmp/none")),
      await thrown(() => fs.truncateSync("/tmp/tr", -1)),
      await thrown(() => fs.truncateSync("/tmp/tr", 1.5)),
      await thrown(() => fs.truncateSync("/bundle/note.txt")),
      await thrown(() => fs.truncateSync("/tmp/rd")),
    ]
  ),
  utimes: async () => {
    fs.writeFileSync("/tmp/ut", "x");
    const times = () => {
      const { atimeMs, mtimeMs, ctimeMs, birthtimeMs } = fs.statSync("/tmp/ut");
      return [atimeMs, mtimeMs, ctimeMs, birthtimeMs];
    };
    return [
      times(),
      fs.utimesSync("/tmp/ut", 1000, 2000),
      times(),
      fs.utimesSync("/tmp/ut", new Date(5000), new Date(6000)),
      times(),
      fs.utimesSync("/tmp/ut", "1", "2"),
      times(),
      await thrown(() => fs.utimesSync("/tmp/none", 1, 2)),
      await thrown(() => fs.utimesSync("/tmp/ut", {}, 2)),
      await thrown(() => fs.utimesSync("/bundle/note.txt", 1, 2)),
      fs.lutimesSync("/tmp/ut", 7, 8),
      times(),
    ];
  },
  "chmod and chown": async () => [
    fs.chmodSync("/tmp/ut", 0o600),
    fs.statSync("/tmp/ut").mode.toString(8),
    await thrown(() => fs.chmodSync("/tmp/none", 0o600)),
    await thrown(() => fs.chmodSync("/tmp/ut", "zz")),
    fs.chownSync("/tmp/ut", 1, 1),
    await thrown(() => fs.chownSync("/tmp/ut", "a", 1)),
    await thrown(() => fs.chownSync("/tmp/none", 1, 1)),
    fs.lchownSync("/tmp/ut", 1, 1),
    fs.lchmodSync("/tmp/ut", 1),
    await thrown(() => fs.chmodSync("/bundle", 0o600)),
  ],
  symlinks: async () => {
    fs.writeFileSync("/tmp/target", "t");
    return [
      fs.symlinkSync("/tmp/target", "/tmp/ln"),
      text("/tmp/ln"),
      fs.readlinkSync("/tmp/ln"),
      fs.lstatSync("/tmp/ln").isSymbolicLink(),
      fs.lstatSync("/tmp/ln").mode.toString(8),
      fs.lstatSync("/tmp/ln").size,
      fs.statSync("/tmp/ln").isFile(),
      fs.realpathSync("/tmp/ln"),
      fs.realpathSync.native("/tmp/ln"),
      fs.symlinkSync("wr", "/tmp/ln2"),
      fs.readlinkSync("/tmp/ln2"),
      await thrown(() => text("/tmp/ln2")),
      await thrown(() => fs.symlinkSync("/tmp/target", "/tmp/ln")),
      await thrown(() => fs.readlinkSync("/tmp/target")),
      await thrown(() => fs.readlinkSync("/tmp/none")),
      await thrown(() => fs.symlinkSync("/tmp/x", "/bundle/ln")),
      await thrown(() => fs.symlinkSync("/tmp/x", "/tmp/no/ln")),
      fs
        .readdirSync("/tmp", { withFileTypes: true })
        .filter((entry) => entry.isSymbolicLink())
        .map((entry) => entry.name),
    ];
  },
  "symlinks to folders": async () => (
    fs.symlinkSync("/tmp/rd", "/tmp/lnd"),
    [
      await thrown(() => fs.readdirSync("/tmp/lnd")),
      text("/tmp/lnd/a"),
      fs.writeFileSync("/tmp/lnd/new", "n"),
      text("/tmp/rd/new"),
      fs.statSync("/tmp/lnd").isDirectory(),
      await thrown(() => fs.opendirSync("/tmp/lnd").closeSync()),
      fs.unlinkSync("/tmp/lnd"),
      fs.existsSync("/tmp/rd"),
    ]
  ),
  "writing through a symlink": async () => [
    fs.writeFileSync("/tmp/ln", "through"),
    text("/tmp/target"),
  ],
  "writing through a symlink to nothing": async () => [
    fs.symlinkSync("/tmp/absent", "/tmp/ln3"),
    await thrown(() => fs.writeFileSync("/tmp/ln3", "x")),
  ],
  "symlinks that go round": async () => (
    fs.symlinkSync("/tmp/l2", "/tmp/l1"),
    fs.symlinkSync("/tmp/l1", "/tmp/l2"),
    [
      await thrown(() => text("/tmp/l1")),
      await thrown(() => fs.statSync("/tmp/l1")),
      fs.lstatSync("/tmp/l1").isSymbolicLink(),
      fs.existsSync("/tmp/l1"),
    ]
  ),
  "hard links": async () => (
    fs.writeFileSync("/tmp/h1", "h"),
    [
      fs.linkSync("/tmp/h1", "/tmp/h2"),
      fs.appendFileSync("/tmp/h2", "!"),
      text("/tmp/h1"),
      fs.statSync("/tmp/h1").nlink,
      fs.unlinkSync("/tmp/h1"),
      text("/tmp/h2"),
      await thrown(() => fs.linkSync("/tmp/none", "/tmp/h3")),
      await thrown(() => fs.linkSync("/tmp/h2", "/tmp/target")),
      await thrown(() => fs.linkSync("/tmp/rd", "/tmp/h3")),
    ]
  ),
  "a path through a link": async () => [
    fs.symlinkSync("/tmp/rd", "/tmp/lnr"),
    await thrown(() => fs.realpathSync("/tmp/lnr/a")),
    await thrown(() => fs.realpathSync("/tmp/l1")),
  ],
  realpath: async () => [
    fs.realpathSync("/tmp/../tmp/./rd"),
    fs.realpathSync("."),
    fs.realpathSync("/"),
    await thrown(() => fs.realpathSync("/tmp/none")),
  ],
  mkdtemp: async () => [
    fs.mkdtempSync("/tmp/x-"),
    fs.mkdtempSync("/tmp/x-"),
    fs.statSync("/tmp/x-0").isDirectory(),
    await thrown(() => fs.mkdtempSync("/tmp/no/x-")),
    await thrown(() => fs.mkdtempSync("/bundle/x-")),
    await thrown(() => fs.mkdtempSync(5)),
  ],
  statfs: () => [
    fs.statfsSync("/tmp"),
    fs.statfsSync("/tmp", { bigint: true }),
    fs.statfsSync("/tmp").constructor.name,
  ],
};
