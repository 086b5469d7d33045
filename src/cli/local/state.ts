/**
 * What every command on local data begins with: which configs, which state folder. The stores are
 * opened in this process, with the classes of the storage threads; a running session sees what is
 * written with its next read.
 */
import { relative } from "node:path";
import { readCommandEnvironment } from "../../config/env-files.ts";
import { findConfig } from "../../config/find.ts";
import { parseConfigArgument } from "../../config/flags.ts";
import { type ConfiguredStore, listStores, type StoreList } from "../../config/store-list.ts";
import { stateRoot } from "../../storage/state-folder.ts";
import { ExitCode, UserError } from "../../util/errors.ts";
import { printMessage } from "../ui/message.ts";
import type { Terminal } from "../ui/terminal.ts";
import { findElsewhere } from "./elsewhere.ts";

/** What all of these commands take, as commander leaves it. */
export interface LocalValues {
  readonly config?: readonly string[];
  readonly env?: string;
  readonly envFile?: readonly string[];
  readonly local?: boolean;
  readonly remote?: boolean;
  readonly persistTo?: string;
  readonly preview?: boolean;
}

export interface LocalState {
  readonly terminal: Terminal;
  /** Folder that holds the kinds: `<...>/v3`. */
  readonly root: string;
  /** The configs in the order in which they were given; the state is beside the first. */
  readonly configs: readonly StoreList[];
}

/** A store with the config that binds it. */
export interface FoundStore extends ConfiguredStore {
  readonly config: StoreList;
}

export interface LocateOptions {
  /** Default true. False: without any config the state is that of the working directory. */
  readonly needsConfig?: boolean;
  /** Default true. False: the command does not look at what is stored. */
  readonly usesData?: boolean;
}

/**
 * Says so where a running session keeps the data elsewhere.
 *
 * @param command for the pointer to wrangler: "d1 execute"
 * @throws UserError FLAG_REFUSED for --remote, or a config error
 */
export async function locateState(
  values: LocalValues,
  command: string,
  terminal: Terminal,
  { needsConfig = true, usesData = true }: LocateOptions = {},
): Promise<LocalState> {
  if (values.remote === true) {
    throw new UserError(
      "FLAG_REFUSED",
      `--remote is not supported: "drover ${command}" works on the local data of this machine only.`,
      { exitCode: ExitCode.config, hint: remoteHint(command) },
    );
  }
  const cwd = process.cwd();
  const processEnv = readCommandEnvironment(cwd, values.env, values.envFile ?? [], process.env);
  const flags = { cwd, env: values.env, processEnv };
  const given = (values.config ?? []).map((argument) => parseConfigArgument(argument));
  const isWithout = given.length === 0 && !needsConfig && findConfig(cwd) === undefined;
  const sources = given.length > 0 ? given : isWithout ? [] : [{ directory: cwd }];
  const configs = sources.map((source) => listStores(source, flags));
  const configFolder = configs[0]?.root ?? cwd;
  const root = stateRoot({ configFolder, cwd, persistTo: values.persistTo });
  // Whoever names a folder means it.
  if (usesData && values.persistTo === undefined) {
    const elsewhere = await findElsewhere(root, configs, cwd);
    if (elsewhere !== undefined) printMessage(terminal, "warning", elsewhere);
  }
  return { terminal, root, configs };
}

function remoteHint(command: string): string {
  if (command.startsWith("state ")) {
    return "For remote data use wrangler's own: wrangler d1|kv|r2 ... --remote";
  }
  return `For remote data use: wrangler ${command} ... --remote`;
}

/** All stores of a kind, of all configs. */
export function storesOf({ configs }: LocalState, kind: ConfiguredStore["kind"]): FoundStore[] {
  return configs.flatMap((config) =>
    config.stores.filter((store) => store.kind === kind).map((store) => ({ ...store, config })),
  );
}

/** "wrangler.jsonc", or all of them where there are several. */
export function configNames({ configs }: LocalState): string {
  const cwd = process.cwd();
  if (configs.length === 1) return configs[0]?.path.split(/[\\/]/).at(-1) ?? "";
  return configs.map(({ path }) => relative(cwd, path) || path).join(", ");
}

/** The folder of a kind as it is shown: from the working directory. */
export function shownFolder({ root }: LocalState, kind: ConfiguredStore["kind"]): string {
  return `${relative(process.cwd(), root) || "."}/${kind}`;
}

/** What was asked for names nothing in the configs. */
export function notConfigured(message: string, hint: string): UserError {
  return new UserError("BINDING_NOT_FOUND", message, { exitCode: ExitCode.config, hint });
}

/** A flag or argument that cannot be used. */
export function usageError(message: string): UserError {
  return new UserError("FLAG_VALUE", message, { exitCode: ExitCode.config });
}

/** The command itself failed: of SQL, a file, a key. */
export function commandFailed(message: string, hint?: string): UserError {
  return new UserError("COMMAND_FAILED", message, {
    exitCode: ExitCode.internal,
    ...(hint === undefined ? {} : { hint }),
  });
}
