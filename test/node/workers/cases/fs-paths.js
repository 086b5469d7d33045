/* Paths, devices, open folders and globs of `node:fs` (spec/node.md 5.1, 5.2), synchronously. */
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
  "paths as urls and buffers": async () => [
    text(new URL("file:///tmp/h2")),
    text(Buffer.from("/tmp/h2")),
    await thrown(() => text(new URL("http://a/tmp/h2"))),
    await thrown(() => text(new URL("file://host/tmp/h2"))),
    await thrown(() => text(new Uint8Array([47, 116]))),
  ],
  "bad paths": async () => [
    await thrown(() => text(undefined)),
    await thrown(() => text({})),
    await thrown(() => text(null)),
    await thrown(() => fs.statSync(5)),
    await thrown(() => text("/tmp/a\0b")),
    await thrown(() => text("")),
    await thrown(() => fs.statSync("")),
    await thrown(() => text(true)),
    await thrown(() => fs.renameSync(5, "/tmp/x")),
    await thrown(() => fs.renameSync("/tmp/h2", 5)),
    await thrown(() => fs.symlinkSync(5, "/tmp/x")),
  ],
  "long paths": async () => [
    await thrown(() => text(`/tmp/${"a".repeat(5000)}`)),
    await thrown(() => text(`/tmp${"/a".repeat(60)}`)),
    fs.writeFileSync(`/tmp/${"n".repeat(300)}`, "x"),
  ],
  "odd paths": () => (
    fs.writeFileSync("/tmp//odd#a?b", "odd"),
    [text("/tmp/odd#a?b"), text("//tmp//odd#a?b"), fs.existsSync("/TMP/odd#a?b")]
  ),
  "paths with percent signs": () => [
    fs.writeFileSync("/tmp/%41", "percent"),
    fs.existsSync("/tmp/A"),
    fs.readdirSync("/tmp").filter((name) => /A|%41/.test(name)),
  ],
  "names with blanks": () => (
    fs.mkdirSync("/tmp/names"),
    fs.writeFileSync("/tmp/names/sp ace é", "x"),
    [
      fs.readdirSync("/tmp/names"),
      text("/tmp/names/sp ace é"),
      fs.readdirSync("/tmp/names", { withFileTypes: true })[0].name,
    ]
  ),
  "a trailing slash": async () => [
    await thrown(() => text("/tmp/h2/")),
    fs.statSync("/tmp/rd/").isDirectory(),
    await thrown(() => fs.writeFileSync("/tmp/slash/", "x")),
  ],
  devices: async () => [
    fs.readFileSync("/dev/zero"),
    fs.readFileSync("/dev/null"),
    fs.readFileSync("/dev/full"),
    fs.readFileSync("/dev/random"),
    fs.writeFileSync("/dev/null", "x"),
    await thrown(() => fs.writeFileSync("/dev/full", "x")),
    await thrown(() => fs.writeFileSync("/dev/zero", "x")),
    await thrown(() => fs.writeFileSync("/dev/random", "x")),
    await thrown(() => fs.writeFileSync("/dev/new", "x")),
    await thrown(() => text("/dev/urandom")),
    await thrown(() => fs.unlinkSync("/dev/null")),
    await thrown(() => fs.appendFileSync("/dev/null", "abc")),
  ],
  "reading devices": () => {
    const read = (path) => {
      const fd = fs.openSync(path, "r");
      const buffer = Buffer.alloc(4, 1);
      const count = fs.readSync(fd, buffer, 0, 4, null);
      fs.closeSync(fd);
      return [count, path === "/dev/random" ? buffer.equals(Buffer.alloc(4, 1)) : buffer];
    };
    return ["/dev/zero", "/dev/null", "/dev/full", "/dev/random"].map(read);
  },
  opendir: async () => {
    const dir = fs.opendirSync("/tmp/rd");
    const names = [];
    for (let entry = dir.readSync(); entry !== null; entry = dir.readSync())
      names.push([entry.name, entry.parentPath]);
    return [
      dir.path,
      dir instanceof fs.Dir,
      names,
      dir.closeSync(),
      await thrown(() => dir.closeSync()),
      await thrown(() => dir.readSync()),
      await thrown(() => dir.read()),
      await thrown(() => fs.opendirSync("/tmp/none")),
      await thrown(() => fs.opendirSync("/tmp/rd/a")),
    ];
  },
  "opendir, iterated": async () => {
    const names = [];
    for await (const entry of fs.opendirSync("/tmp/rd")) names.push(entry.name);
    return names;
  },
  glob: () => (
    fs.mkdirSync("/tmp/g/x/y", { recursive: true }),
    fs.writeFileSync("/tmp/g/a.js", ""),
    fs.writeFileSync("/tmp/g/x/b.js", ""),
    fs.writeFileSync("/tmp/g/x/y/c.ts", ""),
    [
      fs.globSync("/tmp/g/*.js"),
      fs.globSync("/tmp/g/**/*.js"),
      fs.globSync("**/*.ts", { cwd: "/tmp/g" }),
      fs.globSync(["/tmp/g/*.js", "/tmp/g/x/*"]),
      fs.globSync("/tmp/g/**", {
        exclude: (path) => /y/.test(typeof path === "string" ? path : path.name),
      }),
      fs.globSync("/tmp/g/x/{b,c}.js"),
      fs
        .globSync("/tmp/g/*", { withFileTypes: true })
        .map((entry) => [entry.name, entry.parentPath]),
    ]
  ),
  watching: async () => [
    await thrown(() => fs.watch("/tmp")),
    await thrown(() => fs.watchFile("/tmp/ut", () => {})),
    await thrown(() => fs.unwatchFile("/tmp/ut")),
  ],
  "own members": () => [
    Object.keys(fs.statSync("/tmp")),
    Object.getOwnPropertyNames(Object.getPrototypeOf(fs.statSync("/tmp"))),
    Object.getOwnPropertyNames(fs.Dirent.prototype),
    Object.getOwnPropertyNames(fs.Dir.prototype),
  ],
  "names of functions": () =>
    [
      "readFile",
      "readFileSync",
      "writeFile",
      "chmodSync",
      "fsyncSync",
      "open",
      "watch",
      "createReadStream",
    ].map((name) => fs[name].name),
  "rename of a folder over a file": () => (
    fs.mkdirSync("/tmp/rj"),
    fs.writeFileSync("/tmp/rk", "x"),
    thrown(() => fs.renameSync("/tmp/rj", "/tmp/rk"))
  ),
  "rename of a folder over an empty one": () => (
    fs.mkdirSync("/tmp/rl/in", { recursive: true }),
    fs.mkdirSync("/tmp/rm2"),
    [fs.renameSync("/tmp/rl", "/tmp/rm2"), fs.readdirSync("/tmp/rm2")]
  ),
  "rename of a link": () => (
    fs.symlinkSync("/tmp/h2", "/tmp/rn"),
    [fs.renameSync("/tmp/rn", "/tmp/ro"), fs.lstatSync("/tmp/ro").isSymbolicLink()]
  ),
  "unlink of a folder's link, rm of a link": () => (
    fs.symlinkSync("/tmp/rd", "/tmp/rp1"),
    [fs.rmSync("/tmp/rp1"), fs.existsSync("/tmp/rd/a"), fs.existsSync("/tmp/rp1")]
  ),
  "copyFile over a folder, of a link": async () => [
    await thrown(() => fs.copyFileSync("/tmp/h2", "/tmp/rd")),
    fs.symlinkSync("/tmp/h2", "/tmp/cl"),
    fs.copyFileSync("/tmp/cl", "/tmp/cl2"),
    fs.lstatSync("/tmp/cl2").isSymbolicLink(),
    text("/tmp/cl2"),
    await thrown(() => fs.copyFileSync("/dev/null", "/tmp/cl3")),
  ],
  "cp of links": () => (
    fs.mkdirSync("/tmp/cpl"),
    fs.symlinkSync("/tmp/h2", "/tmp/cpl/l"),
    fs.cpSync("/tmp/cpl", "/tmp/cpm", { recursive: true }),
    [
      fs.lstatSync("/tmp/cpm/l").isSymbolicLink(),
      fs.cpSync("/tmp/cpl", "/tmp/cpn", { recursive: true, dereference: true }),
      fs.lstatSync("/tmp/cpn/l").isSymbolicLink(),
    ]
  ),
  "cp without force": () => (
    fs.writeFileSync("/tmp/cp1", "1"),
    fs.writeFileSync("/tmp/cp2", "2"),
    [
      fs.cpSync("/tmp/cp1", "/tmp/cp2", { force: false }),
      text("/tmp/cp2"),
      fs.cpSync("/tmp/cp1", "/tmp/cp2", { preserveTimestamps: true }),
      text("/tmp/cp2"),
    ]
  ),
  "cp into a missing folder": async () => [
    await thrown(() => fs.cpSync("/tmp/cp1", "/tmp/cpx/y/z")),
    fs.existsSync("/tmp/cpx/y/z"),
    await thrown(() => fs.cpSync("/tmp/cp1", "/bundle/z")),
    await thrown(() => fs.cpSync("/tmp/cp1", "/tmp/cp1")),
  ],
  "linking into read-only places": async () => [
    await thrown(() => fs.linkSync("/tmp/h2", "/bundle/x")),
    await thrown(() => fs.linkSync("/tmp/h2", "/tmp/no/x")),
    await thrown(() => fs.linkSync("/bundle/note.txt", "/tmp/hl")),
    await thrown(() => fs.writeFileSync("/tmp/hl", "x")),
  ],
  "stat of a loop and below a file": async () => [
    await thrown(() => fs.statSync("/tmp/h2/x")),
    await thrown(() => fs.readdirSync("/tmp/l1")),
    await thrown(() => fs.lstatSync("/tmp/none")),
    await thrown(() => fs.mkdirSync("/tmp/h2/x")),
    await thrown(() => fs.writeFileSync("/tmp/h2/x", "x")),
    await thrown(() => fs.unlinkSync("/tmp/h2/x")),
    await thrown(() => fs.rmSync("/tmp/h2/x")),
  ],
  constants: () => [
    Object.keys(fs.constants).length,
    fs.constants.O_CREAT,
    fs.constants.S_IFMT,
    fs.F_OK,
    fs.R_OK,
    fs.W_OK,
    fs.X_OK,
    Object.isFrozen(fs.constants),
    fs.constants.COPYFILE_EXCL,
  ],
  openAsBlob: async () => {
    const blob = await fs.openAsBlob("/tmp/h2", { type: "text/plain" });
    return [
      blob instanceof Blob,
      blob.size,
      blob.type,
      await blob.text(),
      await thrown(() => fs.openAsBlob("/tmp/none")),
    ];
  },
  "relative to the working folder": () => {
    process.chdir("/tmp");
    const out = [
      process.cwd(),
      text("h2"),
      fs.readdirSync("rd"),
      fs.realpathSync("h2"),
      fs.writeFileSync("rel", "x"),
      fs.existsSync("/tmp/rel"),
    ];
    process.chdir("/bundle");
    return out;
  },
  chdir: async () => [
    await thrown(() => process.chdir("nope")),
    await thrown(() => process.chdir("/tmp/h2")),
    await thrown(() => process.chdir("")),
    await thrown(() => process.chdir(5)),
    process.cwd(),
    process.chdir("/dev"),
    process.cwd(),
    process.chdir("../tmp/rd/"),
    process.cwd(),
    process.chdir("/bundle"),
    process.cwd(),
  ],
};
