/**
 * Whether a running session keeps the data that a command is about to look for in another folder: it has
 * another `--persist-to`, or the Worker is not the first of its configs. Asks the registry, and takes no
 * part: without a session this is one failed connection.
 */
import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { displayPath } from "../../config/source-frame.ts";
import type { StoreList } from "../../config/store-list.ts";
import type { RegisteredWorker } from "../../protocol/registry.ts";
import { listRegistry } from "../../registry/commands.ts";
import { isRegistryOff } from "../../registry/paths.ts";
import { readVersion } from "../../util/version.ts";

/** So many are named. */
const MAX_NAMES = 2;

type Keeper = RegisteredWorker & Required<Pick<RegisteredWorker, "localData">>;

/**
 * One sentence for the user, or undefined where the command looks at the right place as far as anybody knows.
 *
 * @param root the folder that the command looks at
 * @param configs of the command; without any it is the folder `cwd` that matters
 */
export async function findElsewhere(
  root: string,
  configs: readonly StoreList[],
  cwd: string,
): Promise<string | undefined> {
  if (isRegistryOff(process.env)) return undefined;
  const workers = (await listWorkers(cwd)).filter(
    (worker): worker is Keeper => worker.localData !== undefined,
  );
  const groups =
    configs.length === 0
      ? [workers.filter(({ session }) => isSame(session.cwd, cwd))]
      : configs.map((config) => workers.filter((worker) => isOf(worker, config)));
  for (const group of groups) {
    const [first] = group;
    if (first === undefined || group.some(({ localData }) => isSame(localData.root, root)))
      continue;
    return describe(first, namesOf(first, group), displayPath(dirname(root), cwd), cwd);
  }
  return undefined;
}

function describe(
  { session, localData }: Keeper,
  whose: string,
  here: string,
  cwd: string,
): string {
  const folder = displayPath(dirname(localData.root), cwd);
  return (
    `The session of process ${session.pid} keeps the data of ${whose} in ${folder}, ` +
    `this command looks at ${here}: add --persist-to ${quoted(folder)}`
  );
}

/** Of the group's Workers in that session. */
function namesOf({ session }: Keeper, group: readonly Keeper[]): string {
  const names = group.filter((worker) => worker.session.id === session.id).map(({ name }) => name);
  return names.length > MAX_NAMES ? `${names.length} Workers` : names.sort().join(" and ");
}

/** Nobody, where the registry cannot be asked: the command does not need it. */
async function listWorkers(cwd: string): Promise<readonly RegisteredWorker[]> {
  try {
    return (await listRegistry({ env: process.env, cwd, version: readVersion() })).workers;
  } catch {
    return [];
  }
}

/** By the file; where a build tool generated it, by the folder of the one that the user wrote. */
function isOf({ configPath, localData }: Keeper, { path, root }: StoreList): boolean {
  if (configPath === undefined) return false;
  if (isSame(configPath, path)) return true;
  const isGenerated = !isSame(dirname(configPath), localData.configFolder);
  return isGenerated && isSame(localData.configFolder, root);
}

function isSame(one: string, other: string): boolean {
  return one === other || realPath(one) === realPath(other);
}

/** Of what exists of it: a state folder appears with the first thing that is stored. */
function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realPath(parent), basename(path));
  }
}

/** As a shell takes it. */
function quoted(path: string): string {
  return /^[\w./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
