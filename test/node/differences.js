/**
 * Where drover answers otherwise than the real runtime on purpose: what it answers, and why.
 * @type {Record<string, Record<string, { drover: unknown, why: string }>>}
 */
const error = (code, syscall, message, path) => ({
  class: "Error",
  name: "Error",
  message,
  code,
  syscall,
  ...(path && { path }),
});

export const DIFFERENCES = {
  fs: {
    "readdir recursive": {
      drover: ["sub", "sub/deep", "sub/in", "b", "a"],
      why: "Below the folder, as in Node: production gives paths from the root, without its slash.",
    },
  },
  "fs-names": {
    "symlinks to folders": {
      drover: [
        error("EINVAL", "readdir", "invalid argument, readdir '/tmp/lnd'", "/tmp/lnd"),
        "x",
        1,
        "n",
        true,
        error("EINVAL", "readdir", "invalid argument, readdir '/tmp/lnd'", "/tmp/lnd"),
        "undefined",
        true,
      ],
      why: "unlink takes away the link: production follows it to the folder, and refuses.",
    },
    "a path through a link": {
      drover: ["undefined", "nothing", error("ELOOP", "readlink", "symlink depth exceeded")],
      why: "realpath follows links in the middle of a path: production's does not find what is there.",
    },
  },
  "fs-paths": {
    "names with blanks": {
      drover: [["sp ace é"], "x", "sp ace é"],
      why: "The name as it was given: production lists it as part of a URL.",
    },
    "paths with percent signs": {
      drover: [7, false, ["%41"]],
      why: "Ordinary characters: production reads paths as URLs.",
    },
    "rename of a link": {
      drover: ["undefined", true],
      why: "The link is renamed: production renames what it points to.",
    },
  },
};
