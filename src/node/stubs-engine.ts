/**
 * Modules about the engine (`v8`, `vm`, `wasi`, `sqlite`, `repl`, `test`): what production answers
 * without doing anything, and classes that can be extended (spec/node.md 9).
 */
import { invalidType, nodeError, notImplemented } from "./errors.ts";
import { illegalClass } from "./stubs-process.ts";

type Members = Record<string, unknown>;

function refused(name: string): () => never {
  return () => {
    throw notImplemented(name);
  };
}

/** The argument is looked at first. */
function checked(name: string, argument: string, type: string): (value?: unknown) => never {
  return (value) => {
    const given: string = typeof value;
    if (given !== type) throw invalidType(argument, `of type ${type}`, value);
    throw notImplemented(name);
  };
}

function zeros(names: string): Record<string, number> {
  return Object.fromEntries(names.split(" ").map((name) => [name, 0]));
}

export function v8(): Members {
  const HEAP =
    "total_heap_size total_heap_size_executable total_physical_size total_available_size used_heap_size heap_size_limit malloced_memory peak_malloced_memory does_zap_garbage number_of_native_contexts number_of_detached_contexts total_global_handles_size used_global_handles_size external_memory total_allocated_bytes";
  const CODE =
    "code_and_metadata_size bytecode_and_metadata_size external_script_source_size cpu_profiler_metadata_size";
  const HOOKS = "createHook onAfter onBefore onInit onSettled";
  return {
    GCProfiler: class GCProfiler {
      start(): never {
        throw notImplemented("GCProfiler.start");
      }
      stop(): void {}
    },
    cachedDataVersionTag: () => 0,
    isStringOneByteRepresentation: checked("isStringOneByteRepresentation", "content", "string"),
    queryObjects: checked("queryObjects", "constructor", "function"),
    setFlagsFromString: checked("setFlagsFromString", "flags", "string"),
    setHeapSnapshotNearHeapLimit: checked("setHeapSnapshotNearHeapLimit", "limit", "number"),
    getHeapCodeStatistics: () => zeros(CODE),
    getHeapSpaceStatistics: () => [],
    getHeapStatistics: () => zeros(HEAP),
    promiseHooks: Object.fromEntries(
      HOOKS.split(" ").map((name) => [name, refused(`promiseHooks.${name}`)]),
    ),
    startupSnapshot: {
      addAfterUserSerializeDeserializeSnapshot: refused(
        "v8.startupSnapshot.addAfterUserSerializeDeserializeSnapshot",
      ),
      addDeserializeCallback: refused("v8.startupSnapshot.addDeserializeCallback"),
      addSerializeCallback: refused("v8.startupSnapshot.addSerializeCallback"),
      isBuildingSnapshot: () => false,
      setDeserializeMainFunction: refused("v8.startupSnapshot.setDeserializeMainFunction"),
    },
  };
}

export function vm(): Members {
  const contexts = new WeakSet<object>();
  class Script {
    runInThisContext(): never {
      throw notImplemented("runInThisContext");
    }
    constructor(_code?: unknown, options?: { readonly filename?: unknown }) {
      const filename = options?.filename;
      if (filename === undefined || typeof filename === "string") return;
      const { message } = invalidType("options.filename", "of type string", filename);
      const text = message.replace("argument", "property");
      throw nodeError(TypeError, "ERR_INVALID_ARG_TYPE", text);
    }
    runInContext(context?: unknown): never {
      return runInContext(context);
    }
    runInNewContext(): never {
      throw notImplemented("runInThisContext");
    }
    createCachedData(): void {}
  }
  return {
    Script,
    compileFunction: refused("compileFunction"),
    constants: Object.freeze({
      USE_MAIN_CONTEXT_DEFAULT_LOADER: Symbol("vm_dynamic_import_main_context_default"),
      DONT_CONTEXTIFY: Symbol("vm_context_no_contextify"),
    }),
    createContext: () => {
      const context = Object.create(null) as object;
      contexts.add(context);
      return context;
    },
    createScript: () => new Script(),
    isContext: (value: unknown) => contexts.has(objectOf(value)),
    measureMemory: (options: unknown = {}) => {
      if (typeof options !== "object") throw invalidType("options", "of type object", options);
      throw notImplemented("measureMemory");
    },
    runInContext: (_code: unknown, context?: unknown) => runInContext(context),
    runInNewContext: refused("runInThisContext"),
    runInThisContext: refused("runInThisContext"),
  };
}

function objectOf(value: unknown): object {
  if (typeof value === "object" && value !== null) return value;
  throw invalidType("object", "of type object", value);
}

function runInContext(context: unknown): never {
  objectOf(context);
  throw notImplemented("runInThisContext");
}

export function wasi(): Members {
  class WASI {
    constructor(options?: { readonly version?: unknown }) {
      const version = options?.version;
      if (version !== undefined && version !== "unstable" && version !== "preview1") {
        const shown = typeof version === "string" ? `'${version}'` : String(version);
        const message = `The property 'options.version' must be one of: 'unstable', 'preview1'. Received ${shown}`;
        throw nodeError(TypeError, "ERR_INVALID_ARG_VALUE", message);
      }
      throw notImplemented("WASI");
    }
  }
  return { WASI };
}

export function sqlite(): Members {
  return {
    DatabaseSync: illegalClass("DatabaseSync"),
    StatementSync: illegalClass("StatementSync"),
    backup: () => {
      throw new Error("backup is not implemented");
    },
    constants: sqliteConstants(),
  };
}

function sqliteConstants(): Record<string, number> {
  const named = SQLITE_CONSTANTS.split(" ").map((pair) => pair.split("=") as [string, string]);
  return Object.fromEntries(named.map(([name, value]) => [`SQLITE_${name}`, Number(value)]));
}

const SQLITE_CONSTANTS =
  "CHANGESET_OMIT=0 CHANGESET_REPLACE=1 CHANGESET_ABORT=2 CHANGESET_DATA=1 CHANGESET_NOTFOUND=2 CHANGESET_CONFLICT=3 CHANGESET_CONSTRAINT=4 CHANGESET_FOREIGN_KEY=5 OK=0 DENY=1 IGNORE=2 CREATE_INDEX=1 CREATE_TABLE=2 CREATE_TEMP_INDEX=3 CREATE_TEMP_TABLE=4 CREATE_TEMP_TRIGGER=5 CREATE_TEMP_VIEW=6 CREATE_TRIGGER=7 CREATE_VIEW=8 DELETE=9 DROP_INDEX=10 DROP_TABLE=11 DROP_TEMP_INDEX=12 DROP_TEMP_TABLE=13 DROP_TEMP_TRIGGER=14 DROP_TEMP_VIEW=15 DROP_TRIGGER=16 DROP_VIEW=17 INSERT=18 PRAGMA=19 READ=20 SELECT=21 TRANSACTION=22 UPDATE=23 ATTACH=24 DETACH=25 ALTER_TABLE=26 REINDEX=27 ANALYZE=28 CREATE_VTABLE=29 DROP_VTABLE=30 FUNCTION=31 SAVEPOINT=32 COPY=0 RECURSIVE=33";

export function repl(builtinModules: readonly string[]): Members {
  class REPLServer {
    constructor() {
      throw notImplemented("REPLServer");
    }
  }
  const names = builtinModules.filter((name) => !name.startsWith("_"));
  class Recoverable extends SyntaxError {
    readonly err: unknown;
    constructor(err: unknown) {
      super();
      this.err = err;
    }
  }
  return {
    REPLServer,
    REPL_MODE_SLOPPY: Symbol("repl-sloppy"),
    REPL_MODE_STRICT: Symbol("repl-strict"),
    Recoverable,
    _builtinLibs: names,
    builtinModules: names,
  };
}
