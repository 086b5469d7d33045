/**
 * `node:fs` and `node:fs/promises` (spec/node.md 5): our own, in memory. memfs would be a library for
 * it, but has one tree for all, 14 dependencies and Node's texts, and every place where it would have
 * to differ is at its core. Made by module-makers.ts with the first import.
 */
import { hostModule } from "../../isolate/own-world.ts";
import { callbackOperations, named } from "./callbacks.ts";
import { constants } from "./constants.ts";
import { contentOperations, type Operations } from "./contents.ts";
import { copyOperations } from "./copies.ts";
import { Dir, Dirent } from "./entries.ts";
import { fileHandleClass } from "./file-handle.ts";
import type { FileSystem } from "./file-system.ts";
import { folderOperations } from "./folders.ts";
import { linkOperations } from "./links.ts";
import { metadataOperations } from "./metadata.ts";
import { promiseOperations } from "./promises.ts";
import { Stats } from "./stats.ts";
import { fileStreams } from "./streams.ts";
import { transferOperations } from "./transfers.ts";

type Members = Record<string, unknown>;
type BlobClass = new (parts: readonly unknown[], options?: object) => object;

export interface FsModules {
  readonly fs: Members;
  readonly promises: Members;
}

export function createFsModules(files: FileSystem): FsModules {
  const { randomFillSync } = hostModule("crypto") as typeof import("node:crypto");
  const sync: Operations = {
    ...contentOperations(files),
    ...transferOperations(files, (view) => randomFillSync(view)),
    ...folderOperations(files),
    ...linkOperations(files),
    ...metadataOperations(files),
    ...copyOperations(files),
  };
  const streams = fileStreams(files, sync);
  const FileHandle = fileHandleClass({ sync, streams });
  const promisesOf = (): Members => promiseOperations({ sync, FileHandle });
  const fs: Members = {
    ...callbackOperations(sync),
    ...Object.fromEntries(Object.entries(sync).map(([name, fn]) => [name, named(name, fn)])),
    ...Object.fromEntries(["F_OK", "R_OK", "W_OK", "X_OK"].map((name) => [name, value(name)])),
    Dir,
    Dirent,
    FileReadStream: streams.ReadStream,
    FileWriteStream: streams.WriteStream,
    ReadStream: streams.ReadStream,
    Stats,
    WriteStream: streams.WriteStream,
    constants: { ...constants },
    createReadStream: (path: unknown, options?: unknown) => new streams.ReadStream(path, options),
    createWriteStream: (path: unknown, options?: unknown) => new streams.WriteStream(path, options),
    openAsBlob: async (path: unknown, options: { readonly type?: string } = {}) => {
      files.node(files.path(path), true, "open");
      const Blob = Reflect.get(globalThis, "Blob") as BlobClass;
      return new Blob([(sync.readFileSync as (path: unknown) => unknown)(path)], options);
    },
    promises: promisesOf(),
  };
  return { fs, promises: promisesOf() };
}

function value(name: string): number {
  return constants[name as keyof typeof constants];
}
