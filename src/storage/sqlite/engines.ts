/**
 * The two engines of the SQLite driver, each loaded on first use and in whichever thread asks:
 * `node:sqlite` where it has an authorizer and limits (Node 24), else the native part of
 * `@photostructure/sqlite`. Of that package only the binary is loaded: its JavaScript wants globals
 * that a Worker's thread has no more, and adds nothing that the driver needs.
 */
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { builtinModule, dlopen } from "../../util/early.ts";
import { messageOf } from "../../util/errors.ts";
import type { SqliteLimits } from "./contract.ts";
import type { NativeDatabase, NativeDatabaseClass } from "./native.ts";

export interface SqliteEngine {
  readonly name: "node:sqlite" | "@photostructure/sqlite";
  readonly DatabaseSync: NativeDatabaseClass;
  readonly setLimit: (database: NativeDatabase, name: keyof SqliteLimits, value: number) => void;
  /** Numbers are bound as REAL, and text keeps its NUL characters; else parameters.ts sees to it. */
  readonly bindsExactly: boolean;
  /** Closing a connection ends its statements; else it stays open until they are collected. */
  readonly closesStatements: boolean;
}

const { platform, arch, version } = process;

const PACKAGE = "@photostructure/sqlite";

/** Numbers of `sqlite3_limit`. */
const LIMIT_IDS: Readonly<Record<keyof SqliteLimits, number>> = {
  length: 0,
  sqlLength: 1,
  column: 2,
  exprDepth: 3,
  compoundSelect: 4,
  vdbeOp: 5,
  functionArg: 6,
  attach: 7,
  likePatternLength: 8,
  variableNumber: 9,
  triggerDepth: 10,
};

let loaded: SqliteEngine | undefined;

/** The engine of this process. Throws an Error that says what to install if there is none. */
export function sqliteEngine(): SqliteEngine {
  loaded ??= loadNodeEngine() ?? loadPackageEngine();
  return loaded;
}

/** `node:sqlite`, or undefined where Node has none or one without authorizer and limits. */
export function loadNodeEngine(): SqliteEngine | undefined {
  const sqlite = builtinModule("node:sqlite" as "node:fs") as unknown as
    | { readonly DatabaseSync?: NativeDatabaseClass }
    | undefined;
  const DatabaseSync = sqlite?.DatabaseSync;
  const prototype = DatabaseSync?.prototype as object | undefined;
  if (DatabaseSync === undefined || prototype === undefined) return undefined;
  if (!("setAuthorizer" in prototype)) return undefined;
  const probe = new DatabaseSync(":memory:", SETTINGS) as NativeDatabase & {
    readonly limits?: unknown;
  };
  const hasLimits = typeof probe.limits === "object" && probe.limits !== null;
  probe.close();
  if (!hasLimits) return undefined;
  return {
    name: "node:sqlite",
    DatabaseSync,
    setLimit: (database, name, value) => {
      (database as NativeDatabase & { limits: Record<string, number> }).limits[name] = value;
    },
    bindsExactly: true,
    closesStatements: true,
  };
}

/** The package's own SQLite. Throws if it is not installed or has no binary for this machine. */
export function loadPackageEngine(): SqliteEngine {
  const { DatabaseSync } = loadBinary() as { readonly DatabaseSync: NativeDatabaseClass };
  return {
    name: PACKAGE,
    DatabaseSync,
    setLimit: (database, name, value) => {
      const limited = database as NativeDatabase & { setLimit(id: number, value: number): void };
      limited.setLimit(LIMIT_IDS[name], value);
    },
    bindsExactly: false,
    closesStatements: false,
  };
}

/** What every connection is opened with (spec/durable-objects.md 22). */
export const SETTINGS = {
  timeout: 5_000,
  enableForeignKeyConstraints: true,
  enableDoubleQuotedStringLiterals: true,
  allowExtension: false,
  defensive: true,
} as const;

function loadBinary(): unknown {
  const require = builtinModule("node:module").createRequire(import.meta.url);
  const tried: string[] = [];
  try {
    const root = dirname(require.resolve(`${PACKAGE}/package.json`));
    const folder = join(root, "prebuilds", `${platform}-${arch}`);
    const files = readdirSync(folder);
    // glibc before musl by name; the wrong one of the two does not load.
    for (let file = nextOf(files, ""); file !== undefined; file = nextOf(files, file)) {
      try {
        const module = { exports: {} };
        dlopen(module, join(folder, file));
        return module.exports;
      } catch (error) {
        tried.push(messageOf(error));
      }
    }
    tried.push(`no binary in ${folder} fits`);
  } catch (error) {
    tried.push(messageOf(error));
  }
  throw new Error(
    `Local storage needs SQLite: Node ${version} has none that drover can use, and ${PACKAGE} could not be loaded (${tried.join("; ")}). Install drover with its optional dependencies, or use Node 24.`,
  );
}

/** The first by name after `previous`; by no method that user code may have replaced: it chooses what is loaded. */
function nextOf(names: readonly string[], previous: string): string | undefined {
  let next: string | undefined;
  for (let i = 0; i < names.length; i += 1) {
    const name = names[i] as string;
    if (name > previous && (next === undefined || name < next)) next = name;
  }
  return next;
}
