/** Whether a store may be deleted or replaced as a file: nobody has it open, no session runs its objects. */
import { existsSync, realpathSync } from "node:fs";
import { sep } from "node:path";
import { listRegistry } from "../../../registry/commands.ts";
import { isInUse } from "../../../storage/sqlite/in-use.ts";
import type { LocalState } from "../state.ts";
import type { StoredThing } from "./inventory.ts";

/** Things that must be left alone now, each with the reason. */
export async function findBusy(
  state: LocalState,
  things: readonly StoredThing[],
  version: string,
): Promise<{ readonly thing: StoredThing; readonly why: string }[]> {
  const owners = things.some(({ kind }) => kind === "do")
    ? await classOwners(state.root, version)
    : new Map<string, string>();
  return things.flatMap((thing) => {
    const owner = thing.kind === "do" ? owners.get(thing.id) : undefined;
    if (owner !== undefined) return [{ thing, why: owner }];
    return thing.databases.some(isInUse) ? [{ thing, why: "a process has it open" }] : [];
  });
}

/**
 * Classes whose objects a session of this project runs, by their folders: it keeps alarms and what
 * objects hold in memory also while no file is open.
 */
async function classOwners(root: string, version: string): Promise<Map<string, string>> {
  const owners = new Map<string, string>();
  const folder = existsSync(root) ? realpathSync(root) : root;
  const { workers } = await listRegistry({ env: process.env, cwd: process.cwd(), version });
  for (const { name, durableObjectClasses, workspace, session } of workers) {
    if (!folder.startsWith(workspace.root + sep)) continue;
    for (const className of durableObjectClasses) {
      owners.set(`${name}-${className}`, `the session of process ${session.pid} runs its objects`);
    }
  }
  return owners;
}
