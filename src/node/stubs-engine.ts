/**
 * Modules about the engine (`v8`, `vm`, `wasi`, `sqlite`, `repl`, `test`): what production answers
 * without doing anything, and classes that can be extended (spec/node.md 9).
 */
import { nodeError, notImplemented } from "./errors.ts";
import { illegalClass } from "./stubs-process.ts";

type Members = Record<string, unknown>;

function refused(name: string): () => never {
  return () => {
    throw notImplemented(name);
  };
}

function zeros(names: string): Record<string, number> {
  return Object.fromEntries(names.split(" ").map((name) => [name, 0]));
}

export function v8(): Members {
  const HEAP =
    "total_heap_size total_heap_size_executable total_physical_size total_available_size used_heap_size heap_size_limit malloced_memory peak_malloced_memory does_zap_garbage number_of_native_contexts number_of_detached_contexts total_global_handles_size used_global_handles_size external_memory";
  const CODE =
    "code_and_metadata_size bytecode_and_metadata_size external_script_source_size cpu_profiler_metadata_size";
  const HOOKS = "createHook onAfter onBefore onInit onSettled";
  return {
    GCProfiler: class GCProfiler {
      start(): never {
        throw notImplemented("v8.GCProfiler.start");
      }
      stop(): void {}
    },
    cachedDataVersionTag: () => 0,
    getHeapCodeStatistics: () => zeros(CODE),
    getHeapSpaceStatistics: () => [],
    getHeapStatistics: () => zeros(HEAP),
    promiseHooks: Object.fromEntries(
      HOOKS.split(" ").map((name) => [name, refused(`v8.promiseHooks.${name}`)]),
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
    runInContext(): never {
      throw notImplemented("runInContext");
    }
    runInNewContext(): never {
      throw notImplemented("runInNewContext");
    }
    createCachedData(): never {
      throw notImplemented("createCachedData");
    }
  }
  return {
    Script,
    compileFunction: refused("compileFunction"),
    constants: Object.freeze({
      USE_MAIN_CONTEXT_DEFAULT_LOADER: Symbol("vm_dynamic_import_main_context_default"),
      DONT_CONTEXTIFY: Symbol("vm_context_no_contextify"),
    }),
    createContext: (given?: object) => {
      const context = given ?? (Object.create(null) as object);
      contexts.add(context);
      return context;
    },
    createScript: () => new Script(),
    isContext: (value: object) => contexts.has(value),
    measureMemory: refused("measureMemory"),
    runInContext: refused("runInThisContext"),
    runInNewContext: refused("runInThisContext"),
    runInThisContext: refused("runInThisContext"),
  };
}

export function wasi(): Members {
  class WASI {
    constructor(options?: { readonly version?: unknown }) {
      const version = options?.version;
      if (version !== "unstable" && version !== "preview1") {
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
    constants: {},
  };
}

export function repl(builtinModules: readonly string[]): Members {
  class REPLServer {
    constructor() {
      throw notImplemented("repl.REPLServer");
    }
  }
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
    _builtinLibs: builtinModules,
    builtinModules,
  };
}
