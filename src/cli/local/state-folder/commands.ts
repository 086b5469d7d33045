/** `drover state ls|path|reset|export|import`: what lies in the local state, and all of it at once. */
import { existsSync, readdirSync, realpathSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { dim } from "kleur/colors";
import { ExitCode, messageOf } from "../../../util/errors.ts";
import { formatColumns } from "../../ui/columns.ts";
import { confirm } from "../../ui/confirm.ts";
import type { Terminal } from "../../ui/terminal.ts";
import {
  commandFailed,
  type LocalState,
  type LocalValues,
  locateState,
  notConfigured,
  usageError,
} from "../state.ts";
import { copyStore } from "./copy.ts";
import { emptyStore, isEmptiedInPlace } from "./empty.ts";
import { contentsOf, listStored, type StoredThing } from "./inventory.ts";
import { findBusy } from "./owners.ts";

export interface StateValues extends LocalValues {
  readonly json?: boolean;
  readonly yes?: boolean;
}

export interface StateContext {
  readonly terminal: Terminal;
  /** Of drover, for the registry. */
  readonly version: string;
}

export async function runStatePath(
  values: StateValues,
  { terminal }: StateContext,
): Promise<number> {
  terminal.print((await locate(values, "path", terminal)).root);
  return ExitCode.ok;
}

export async function runStateList(
  wanted: readonly string[],
  values: StateValues,
  { terminal }: StateContext,
): Promise<number> {
  const state = await locate(values, "ls", terminal);
  const rows = choose(stored(state), wanted).map((thing) => ({
    ...thing,
    ...contentsOf(thing),
  }));
  if (values.json === true) {
    const stores = rows.map(({ kind, id, names, usedBy, entries, bytes }) => {
      return { kind, id, names, usedBy, entries, bytes };
    });
    terminal.print(JSON.stringify({ root: state.root, stores }, null, 2));
    return ExitCode.ok;
  }
  if (rows.length === 0) {
    terminal.print(`Nothing is stored in ${shown(state.root)}.`);
    return ExitCode.ok;
  }
  const table = formatColumns(
    ["Kind", "Store", "Holds", "Size", "Used by"],
    rows.map(({ kind, id, entries = "", bytes, usedBy }) => [
      kind,
      id,
      entries,
      formatBytes(bytes),
      usedBy.join(", "),
    ]),
    terminal.width,
  );
  const total = rows.reduce((sum, { bytes }) => sum + bytes, 0);
  terminal.print(`${table}\n\n${dim(`${formatBytes(total)} in ${shown(state.root)}`)}`);
  return ExitCode.ok;
}

export async function runStateReset(
  wanted: readonly string[],
  values: StateValues,
  { terminal, version }: StateContext,
): Promise<number> {
  const state = await locate(values, "reset", terminal);
  const things = choose(stored(state), wanted);
  if (things.length === 0) {
    terminal.print(`Nothing is stored in ${shown(state.root)}.`);
    return ExitCode.ok;
  }
  await refuseBusy(
    state,
    things.filter((thing) => !isEmptiedInPlace(thing)),
    version,
  );
  const list = things.map(titleOf).join(", ");
  const question = `Delete everything in ${list} (${shown(state.root)})?`;
  if (values.yes !== true && !(await confirm(terminal, question))) return ExitCode.ok;
  for (const thing of things) await attempt(thing, () => emptyStore(thing));
  terminal.print(`Deleted everything in ${list}.`);
  return ExitCode.ok;
}

/** To a folder in the layout of the state itself: `--persist-to` takes it, wrangler's too. */
export async function runStateExport(
  folder: string,
  wanted: readonly string[],
  values: StateValues,
  { terminal }: StateContext,
): Promise<number> {
  const state = await locate(values, "export", terminal);
  const target = join(resolve(folder), "v3");
  if (existsSync(target) && readdirSync(target).length > 0) {
    throw usageError(`${shown(target)} has something in it already. Name a new folder.`);
  }
  const things = choose(stored(state), wanted);
  for (const thing of things) await attempt(thing, () => copyStore(thing, state.root, target));
  terminal.print(
    things.length === 0
      ? `Nothing is stored in ${shown(state.root)}.`
      : `Copied ${things.map(titleOf).join(", ")} to ${shown(target)}.`,
  );
  return ExitCode.ok;
}

/** From a folder that `export` wrote, or from any `.wrangler/state`. Replaces stores of the same name. */
export async function runStateImport(
  folder: string,
  wanted: readonly string[],
  values: StateValues,
  { terminal, version }: StateContext,
): Promise<number> {
  const state = await locate(values, "import", terminal);
  const source = sourceOf(folder);
  if (existsSync(state.root) && realpathSync(state.root) === realpathSync(source)) {
    throw usageError(`${shown(source)} is the state folder itself.`);
  }
  const things = choose(stored({ ...state, root: source }), wanted);
  const ids = new Set(things.map(titleOf));
  const replaced = stored(state).filter((thing) => ids.has(titleOf(thing)));
  await refuseBusy(state, replaced, version);
  const question = `Replace ${replaced.map(titleOf).join(", ")} (${shown(state.root)})?`;
  if (replaced.length > 0 && values.yes !== true && !(await confirm(terminal, question))) {
    return ExitCode.ok;
  }
  for (const thing of things) await attempt(thing, () => copyStore(thing, source, state.root));
  terminal.print(
    things.length === 0
      ? `Nothing is stored in ${shown(source)}.`
      : `Copied ${things.map(titleOf).join(", ")} to ${shown(state.root)}.`,
  );
  return ExitCode.ok;
}

function locate(values: StateValues, command: string, terminal: Terminal): Promise<LocalState> {
  return locateState(values, `state ${command}`, terminal, { needsConfig: false });
}

function sourceOf(folder: string): string {
  const path = resolve(folder);
  const inner = join(path, "v3");
  if (existsSync(inner)) return inner;
  if (existsSync(path)) return path;
  throw usageError(`There is no folder ${shown(path)}.`);
}

/** By kind, id, binding, `database_name`, or `kind/id`; all if nothing is named. */
function choose(things: readonly StoredThing[], wanted: readonly string[]): readonly StoredThing[] {
  if (wanted.length === 0) return things;
  const chosen = new Set<StoredThing>();
  for (const name of wanted) {
    const found = things.filter((thing) =>
      [thing.kind, thing.id, titleOf(thing), ...thing.names].includes(name),
    );
    if (found.length === 0) {
      const all = things.map(titleOf).join(", ");
      throw notConfigured(
        `Nothing that is stored has the name "${name}".`,
        all === "" ? "Nothing is stored at all." : `There is: ${all}`,
      );
    }
    for (const thing of found) chosen.add(thing);
  }
  return things.filter((thing) => chosen.has(thing));
}

/** @throws UserError COMMAND_FAILED before anything was changed */
async function refuseBusy(
  state: LocalState,
  things: readonly StoredThing[],
  version: string,
): Promise<void> {
  const busy = await findBusy(state, things, version);
  if (busy.length === 0) return;
  const lines = busy.map(({ thing, why }) => `${titleOf(thing)}: ${why}.`);
  throw commandFailed(
    `Cannot replace what is in use:\n${lines.join("\n")}`,
    "Nothing was changed. End the session first, or name other stores.",
  );
}

async function attempt(thing: StoredThing, run: () => void | Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    throw commandFailed(`${titleOf(thing)}: ${messageOf(error)}`);
  }
}

/** What is there. A folder that may not be read is no empty one. */
function stored(state: LocalState): StoredThing[] {
  try {
    return listStored(state);
  } catch (error) {
    throw commandFailed(
      `${shown(state.root)} cannot be read: ${messageOf(error)}`,
      "Change its owner or its mode, or name another folder with --persist-to.",
    );
  }
}

function titleOf({ kind, id }: StoredThing): string {
  return `${kind}/${id}`;
}

function shown(path: string): string {
  const way = relative(process.cwd(), path);
  return way === "" || way.startsWith("..") ? path : way;
}

/** "812 B", "12.4 KB", "3 MB" */
function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const [value, unit] = bytes < 1e6 ? [bytes / 1e3, "KB"] : [bytes / 1e6, "MB"];
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}
