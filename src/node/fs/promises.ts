/** `node:fs/promises`, made from the synchronous operations (spec/node.md 5.2). */
import { named } from "./callbacks.ts";
import { constants } from "./constants.ts";
import type { Operations } from "./contents.ts";
import type { FileHandleClass } from "./file-handle.ts";

type AnyFunction = (...args: unknown[]) => unknown;

const NAMES =
  "access appendFile chmod chown copyFile cp lchmod lchown link lstat lutimes mkdir mkdtemp opendir readFile readdir readlink realpath rename rm rmdir stat statfs symlink truncate unlink utimes writeFile";
/** These give the number of bytes in their other forms. */
const SILENT: ReadonlySet<string> = new Set(["appendFile", "writeFile"]);

export interface PromisesOptions {
  readonly sync: Operations;
  readonly FileHandle: FileHandleClass;
}

/** A new object; `fs.promises` and the default export of `fs/promises` are two. */
export function promiseOperations({ sync, FileHandle }: PromisesOptions): Record<string, unknown> {
  const result: Record<string, unknown> = { FileHandle, constants };
  const call = (name: string, args: readonly unknown[]): unknown =>
    (sync[`${name}Sync`] as AnyFunction)(...args);
  for (const name of NAMES.split(" ")) {
    result[name] = named(name, async (...args: unknown[]) => {
      const value = call(name, args);
      return SILENT.has(name) ? undefined : value;
    });
  }
  result.open = named(
    "open",
    async (...args: unknown[]) => new FileHandle(call("open", args) as number),
  );
  result.glob = named("glob", async function* glob(...args: unknown[]) {
    yield* call("glob", args) as Iterable<unknown>;
  });
  result.watch = named("watch", () => {
    throw new Error("Not implemented");
  });
  return result;
}
