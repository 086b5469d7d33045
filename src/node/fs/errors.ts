/**
 * Errors of `node:fs` in production's words (spec/node.md 5.3): no code in front of the message, the
 * name of the operation as `syscall`. `errno` is Linux's, also where production leaves it out.
 */
const TEXTS = {
  EPERM: ["operation not permitted", -1],
  ENOENT: ["no such file or directory", -2],
  EBADF: ["bad file descriptor", -9],
  EEXIST: ["file already exists", -17],
  ENOTDIR: ["not a directory", -20],
  EISDIR: ["illegal operation on a directory", -21],
  EINVAL: ["invalid argument", -22],
  ENOTEMPTY: ["directory not empty", -39],
  ELOOP: ["symlink depth exceeded", -40],
} as const;

export type FsCode = keyof typeof TEXTS;

/** With `path`, the message ends with operation and path. */
export function fsError(code: FsCode, syscall: string, path?: string): Error {
  const [text] = TEXTS[code];
  const message = path === undefined ? text : `${text}, ${syscall} '${path}'`;
  return spokenError(code, syscall, message, path);
}

/** Of the operations that production words on their own. */
export function spokenError(code: FsCode, syscall: string, message: string, path?: string): Error {
  const [, errno] = TEXTS[code];
  const own = path === undefined ? { errno, code, syscall } : { errno, code, syscall, path };
  return Object.assign(new Error(message), own);
}

/** Whole operations that production refuses. */
export function unsupported(): Error {
  const message = "The requested operation is unsupported";
  return Object.assign(new Error(message), { code: "ERR_UNSUPPORTED_OPERATION" });
}
