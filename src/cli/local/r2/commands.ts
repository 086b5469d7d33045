/** `drover r2 object put|get|delete`, as wrangler's with `--local` (spec/resources.md 7.4). */
import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { dirname, isAbsolute, relative, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { BUCKET_NAME, BUCKET_NAME_RULE } from "../../../config/stores.ts";
import type { R2HttpMetadata } from "../../../protocol/r2.ts";
import { naming } from "../../../resources/failures.ts";
import type { BodyReader } from "../../../resources/r2/body.ts";
import { deleteObjects, openBucket, openObject, putObject } from "../../../resources/r2/objects.ts";
import type { Store } from "../../../resources/store.ts";
import { ExitCode, messageOf, UserError } from "../../../util/errors.ts";
import { makeFolder } from "../../../util/folders.ts";
import { type Terminal, writeRaw } from "../../ui/terminal.ts";
import { commandFailed, type LocalValues, locateState, usageError } from "../state.ts";

export interface R2Values extends LocalValues {
  readonly file?: string;
  readonly pipe?: boolean;
  readonly contentType?: string;
  readonly contentDisposition?: string;
  readonly contentEncoding?: string;
  readonly contentLanguage?: string;
  readonly cacheControl?: string;
  readonly expires?: string;
  readonly storageClass?: string;
  readonly jurisdiction?: string;
}

export async function runR2Put(
  path: string,
  values: R2Values,
  terminal: Terminal,
): Promise<number> {
  return await onBucket("put", path, values, terminal, async ({ store, key, shown }) => {
    const { file, pipe, storageClass } = values;
    if ((file === undefined) === (pipe !== true)) {
      throw usageError(
        file === undefined
          ? "Either the --file or --pipe options are required."
          : "Arguments file and pipe are mutually exclusive",
      );
    }
    if (file !== undefined && !existsSync(file)) {
      throw commandFailed(`The file "${file}" does not exist.`);
    }
    const http = httpMetadata(values);
    const note = storageClass === undefined ? "" : ` with ${storageClass} storage class`;
    terminal.print(`Creating object "${key}"${note} in bucket "${shown}".`);
    const source: Readable = file === undefined ? process.stdin : createReadStream(file);
    await putObject(store, key, source as AsyncIterable<Uint8Array>, { http, custom: {} });
    terminal.print("Upload complete.");
  });
}

/** To a file, or with `--pipe` to stdout and nothing else. */
export async function runR2Get(
  path: string,
  values: R2Values,
  terminal: Terminal,
): Promise<number> {
  return await onBucket("get", path, values, terminal, async ({ store, key, shown }) => {
    const { file, pipe } = values;
    if (file !== undefined && pipe === true) {
      throw usageError("Arguments file and pipe are mutually exclusive");
    }
    const target = pipe === true ? undefined : resolve(file ?? fileOf(key));
    if (target !== undefined) terminal.print(`Downloading "${key}" from "${shown}".`);
    const found = await openObject(store, key);
    if (found?.body === undefined) throw commandFailed("The specified key does not exist.");
    const body = Readable.from(piecesOf(found.body), { objectMode: false });
    if (target === undefined) {
      for await (const bytes of body) if (!(await writeRaw(bytes as Uint8Array))) return;
      return;
    }
    makeFolder(dirname(target));
    await pipeline(body, createWriteStream(target));
    terminal.print("Download complete.");
  });
}

export async function runR2Delete(
  path: string,
  values: R2Values,
  terminal: Terminal,
): Promise<number> {
  return await onBucket("delete", path, values, terminal, ({ store, key, shown }) => {
    terminal.print(`Deleting object "${key}" from bucket "${shown}".`);
    deleteObjects(store, [key]);
    terminal.print("Delete complete.");
  });
}

interface BucketUse {
  readonly store: Store;
  readonly key: string;
  /** The bucket as the lines of the commands name it. */
  readonly shown: string;
}

/** Whatever the bucket or the rules of R2 refuse is told without a stack. */
async function onBucket(
  command: string,
  path: string,
  values: R2Values,
  terminal: Terminal,
  run: (use: BucketUse) => void | Promise<void>,
): Promise<number> {
  const state = await locateState(values, `r2 object ${command}`, terminal, { needsConfig: false });
  const slash = path.indexOf("/");
  if (slash === -1) {
    throw usageError(`The object path must be in the form of {bucket}/{key} you provided ${path}`);
  }
  const bucket = path.slice(0, slash);
  if (!BUCKET_NAME.test(bucket)) {
    throw usageError(`The bucket name "${bucket}" is invalid. ${BUCKET_NAME_RULE}`);
  }
  const { jurisdiction } = values;
  const shown = jurisdiction === undefined ? bucket : `${bucket} (${jurisdiction})`;
  const store = openBucket(state.root, bucket);
  try {
    await naming(store.path, "", () => run({ store, key: path.slice(slash + 1), shown }));
    return ExitCode.ok;
  } catch (error) {
    throw error instanceof UserError ? error : commandFailed(messageOf(error));
  } finally {
    await store.end();
  }
}

function httpMetadata(values: R2Values): R2HttpMetadata {
  const { contentType, contentLanguage, contentDisposition, contentEncoding } = values;
  const { cacheControl, expires } = values;
  const cacheExpiry = expires === undefined ? undefined : Date.parse(expires);
  if (Number.isNaN(cacheExpiry)) {
    throw usageError(`Expected --expires to be a date but got "${expires}".`);
  }
  return {
    ...(contentType !== undefined && { contentType }),
    ...(contentLanguage !== undefined && { contentLanguage }),
    ...(contentDisposition !== undefined && { contentDisposition }),
    ...(contentEncoding !== undefined && { contentEncoding }),
    ...(cacheControl !== undefined && { cacheControl }),
    ...(cacheExpiry !== undefined && { cacheExpiry }),
  };
}

/** Where an object goes that is given no file: its key, below the working directory. */
function fileOf(key: string): string {
  const path = relative("", key);
  if (path !== "" && !path.startsWith("..") && !isAbsolute(path)) return key;
  throw usageError(`"${key}" is no file below this folder. Name one with --file.`);
}

async function* piecesOf(body: Uint8Array | BodyReader): AsyncGenerator<Uint8Array, void, void> {
  if (body instanceof Uint8Array) {
    yield body;
    return;
  }
  try {
    for (let bytes = await body.next(); bytes !== undefined; bytes = await body.next()) yield bytes;
  } finally {
    await body.close();
  }
}
