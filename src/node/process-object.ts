/**
 * What Workers see as `process` (spec/node.md 4.1): constants of production, streams that log, and
 * nothing of the host's process. Made once per thread from the Worker's flags and bindings.
 */
import { EventEmitter } from "node:events";
import { inspect, parseEnv } from "node:util";
import { currentInvocation } from "../isolate/invocation.ts";
import { logConsole, logRuntime } from "../isolate/log.ts";
import { invalidType, nodeError, notImplemented, received } from "./errors.ts";
import type { FileSystem } from "./fs/file-system.ts";
import { processConfig } from "./process-config.ts";
import { createProcessEnv } from "./process-env.ts";
import { createProcessStreams, type ProcessStreams } from "./process-streams.ts";
import type { StandardLines } from "./standard-lines.ts";

export interface ProcessOptions {
  /** `process.env`; empty unless `nodejs_compat_populate_process_env`. */
  readonly env: Record<string, string>;
  /** `process.getBuiltinModule`. */
  readonly builtin: (name: string) => unknown;
  /** The working folder is one of its folders; made with its first use. */
  readonly files: () => FileSystem;
  /** What `stdout` and `stderr` write to. */
  readonly lines: StandardLines;
  /** `enable_nodejs_process_v2`: everything; else the six members of before. */
  readonly isFull: boolean;
  /** `nodejs_process_version_24` */
  readonly isVersion24: boolean;
}

type Members = Record<string, unknown>;

const NOT_IMPLEMENTED =
  "kill binding _linkedBinding dlopen setUncaughtExceptionCaptureCallback hasUncaughtExceptionCaptureCallback getActiveResourcesInfo cpuUsage threadCpuUsage execve _kill".split(
    " ",
  );
const NOTHING =
  "ref unref setSourceMapsEnabled _tickCallback _debugProcess _debugEnd _startProfilerIdleNotifier _stopProfilerIdleNotifier _fatalException".split(
    " ",
  );
const VERSIONS =
  "node v8 modules zlib brotli zstd ares napi llhttp nghttp2 acorn ada simdutf nbytes ncrypto uvwasi uv openssl sqlite icu undici simdjson unicode cldr tz cjs_module_lexer amaro merve".split(
    " ",
  );
const RESOURCES =
  "userCPUTime systemCPUTime maxRSS sharedMemorySize unsharedDataSize unsharedStackSize minorPageFault majorPageFault swappedOut fsRead fsWrite ipcSent ipcReceived signalsCount voluntaryContextSwitches involuntaryContextSwitches".split(
    " ",
  );

export function createProcess(options: ProcessOptions): object {
  const basic: Members = {
    env: createProcessEnv(options.env),
    exit: (code?: unknown) => exit(code),
    features: features(),
    getBuiltinModule: (name: string) => options.builtin(name),
    nextTick: (callback: (...args: unknown[]) => void, ...args: unknown[]) =>
      queueMicrotask(() => callback(...args)),
    platform: "linux",
  };
  if (!options.isFull) return basic;

  const result = Object.create(EventEmitter.prototype) as EventEmitter;
  EventEmitter.call(result as never);
  Object.assign(result, basic, constants(options), state(), functions(result, options));
  Object.defineProperty(result, Symbol.toStringTag, { value: "process", configurable: true });
  let streams: ProcessStreams | undefined;
  for (const name of ["stdin", "stdout", "stderr"] as const) {
    Object.defineProperty(result, name, {
      get() {
        streams ??= createProcessStreams(options.lines);
        return streams[name];
      },
      enumerable: true,
      configurable: true,
    });
  }
  return result;
}

function constants({ isVersion24 }: ProcessOptions): Members {
  const version = isVersion24 ? "24.22.2" : "22.23.4";
  return {
    arch: "x64",
    argv: ["workerd"],
    argv0: "workerd",
    config: processConfig(),
    execArgv: [],
    execPath: "",
    pid: 1,
    ppid: 0,
    release: { name: "node", lts: true, sourceUrl: "", headersUrl: "" },
    title: "workerd",
    version: `v${version}`,
    versions: { ...Object.fromEntries(VERSIONS.map((name) => [name, ""])), node: version },
  };
}

function features(): object {
  const yes = "cached_builtins ipv6 openssl_is_boringssl tls tls_alpn tls_ocsp tls_sni uv";
  const no = "debug inspector require_module typescript";
  return Object.freeze({
    ...Object.fromEntries(yes.split(" ").map((name) => [name, true])),
    ...Object.fromEntries(no.split(" ").map((name) => [name, false])),
  });
}

function state(): Members {
  return {
    _channel: undefined,
    _disconnect: undefined,
    _exiting: false,
    _handleQueue: undefined,
    _pendingMessage: undefined,
    _preload_modules: [],
    _send: undefined,
    allowedNodeEnvironmentFlags: new Set(),
    channel: null,
    connected: false,
    debugPort: 0,
    domain: null,
    exitCode: undefined,
    moduleLoadList: [],
    noDeprecation: false,
    sourceMapsEnabled: false,
    throwDeprecation: false,
    traceDeprecation: false,
  };
}

function functions(emitter: EventEmitter, { files }: ProcessOptions): Members {
  const refused = (name: string) => () => {
    throw notImplemented(`process.${name}`);
  };
  const identity = () => 0;
  const setIdentity = (call: string) => (id: unknown) => {
    if (id === 0) return;
    throw Object.assign(nodeError(Error, "EPERM", "operation not permitted"), {
      errno: 1,
      syscall: call,
    });
  };
  return {
    ...Object.fromEntries(NOT_IMPLEMENTED.map((name) => [name, refused(name)])),
    ...Object.fromEntries(NOTHING.map((name) => [name, () => {}])),
    _getActiveHandles: () => [],
    _getActiveRequests: () => [],
    _rawDebug: (...args: unknown[]) => logConsole("log", args.map(String).join(" ")),
    abort: () => exit(1),
    assert: (value: unknown, message?: string) => {
      if (!value) throw new Error(message ?? "assertion error");
    },
    availableMemory: () => 0,
    chdir: (directory: unknown) => {
      if (typeof directory !== "string") {
        throw invalidType("directory", "of type string", directory);
      }
      files().chdir(directory);
    },
    constrainedMemory: () => 0,
    cwd: () => files().cwd,
    emitWarning: (warning: unknown, details?: unknown, code?: unknown) =>
      emitWarning(emitter, warning, details, code),
    finalization: {
      register: refused("finalization.register"),
      registerBeforeExit: refused("finalization.registerBeforeExit"),
      unregister: refused("finalization.unregister"),
    },
    getSourceMapsSupport: () => ({ enabled: false, nodeModules: false, generatedCode: false }),
    getegid: identity,
    geteuid: identity,
    getgid: identity,
    getgroups: () => [0],
    getuid: identity,
    hrtime: Object.assign(hrtime, { bigint: () => BigInt(Date.now()) * 1_000_000n }),
    initgroups: setIdentity("initgroups"),
    loadEnvFile: (path: unknown = ".env") => loadEnvFile(emitter, files(), path),
    memoryUsage: () => ({ rss: 0, heapTotal: 0, heapUsed: 0, external: 0, arrayBuffers: 0 }),
    openStdin: () => Reflect.get(emitter, "stdin"),
    permission: { has: refused("permission.has") },
    reallyExit: (code?: unknown) => exit(code),
    report: { getReport: () => ({}), writeReport: refused("report.writeReport") },
    resourceUsage: () => Object.fromEntries(RESOURCES.map((name) => [name, 0])),
    send: () => false,
    setegid: setIdentity("setegid"),
    seteuid: setIdentity("seteuid"),
    setgid: setIdentity("setgid"),
    setgroups: setIdentity("setgroups"),
    setuid: setIdentity("setuid"),
    umask: (mask?: unknown) => {
      checkMask(mask);
      return 18;
    },
    uptime: () => 0,
  };
}

function checkMask(mask: unknown): void {
  if (mask === undefined) return;
  const isNumber = typeof mask === "number" && Number.isInteger(mask) && mask >= 0;
  if (isNumber || (typeof mask === "string" && /^[0-7]+$/.test(mask))) return;
  const message = `The argument 'mask' must be a 32-bit unsigned integer or an octal string. Received ${inspect(mask)}`;
  throw nodeError(TypeError, "ERR_INVALID_ARG_VALUE", message);
}

/** What is set already stays. */
function loadEnvFile(holder: object, files: FileSystem, path: unknown): void {
  const node = files.node(files.path(path), true, "readAll");
  const text = node.kind === "file" ? node.slice().toString("utf8") : "";
  const env = Reflect.get(holder, "env") as NodeJS.ProcessEnv;
  for (const [name, value] of Object.entries(parseEnv(text))) env[name] ??= value;
}

/** Ends the invocation; what runs on its behalf is not waited for. */
function exit(code: unknown): void {
  const invocation = currentInvocation();
  if (invocation === undefined) {
    const text = "process.exit(...) called without a current request context. Ignoring.";
    logRuntime("warn", text);
    return;
  }
  const shown = code === undefined ? "undefined" : String(code);
  const error = new Error(
    `The Node.js process.exit(${shown}) API was called. Canceling the request.`,
  );
  invocation.end(error);
  throw error;
}

function hrtime(previous?: unknown): [number, number] {
  const now = Date.now();
  const seconds = Math.floor(now / 1000);
  const nanoseconds = (now % 1000) * 1_000_000;
  if (previous === undefined) return [seconds, nanoseconds];
  if (!Array.isArray(previous)) {
    const expected = "tuple of integers";
    const message = `The "time" argument must be ${expected}. Received ${received(previous)}`;
    throw nodeError(TypeError, "ERR_INVALID_ARG_TYPE", message);
  }
  const [fromSeconds, fromNanoseconds] = previous as [number, number];
  if (previous.length !== 2) {
    const message = `The value of "time" is out of range. It must be 2. Received ${inspect(previous)}`;
    throw nodeError(RangeError, "ERR_OUT_OF_RANGE", message);
  }
  const difference = nanoseconds - fromNanoseconds;
  return difference < 0
    ? [seconds - fromSeconds - 1, difference + 1_000_000_000]
    : [seconds - fromSeconds, difference];
}

function emitWarning(
  emitter: EventEmitter,
  warning: unknown,
  details: unknown,
  givenCode: unknown,
): void {
  const isOptions = typeof details === "object" && details !== null;
  const options = (isOptions ? details : { type: details, code: givenCode }) as {
    readonly type?: unknown;
    readonly code?: unknown;
    readonly detail?: unknown;
  };
  if (typeof warning !== "string" && !(warning instanceof Error)) {
    const message = `The "warning" argument must be an string or Error. Received ${received(warning)}`;
    throw nodeError(TypeError, "ERR_INVALID_ARG_TYPE", message);
  }
  const error = typeof warning === "string" ? new Error(warning) : warning;
  if (typeof warning === "string") error.name = String(options.type ?? "Warning");
  if (options.code !== undefined) Object.assign(error, { code: options.code });
  if (options.detail !== undefined) Object.assign(error, { detail: options.detail });
  queueMicrotask(() => emitter.emit("warning", error));
}
