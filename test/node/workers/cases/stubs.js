/* Modules that import and extend, and do nothing or refuse (spec/node.md 9). */
import child_process from "node:child_process";
import cluster from "node:cluster";
import dgram from "node:dgram";
import domain from "node:domain";
import inspector from "node:inspector";
import module from "node:module";
import perf_hooks from "node:perf_hooks";
import readline from "node:readline";
import repl from "node:repl";
import sqlite from "node:sqlite";
import test from "node:test";
import trace_events from "node:trace_events";
import tty from "node:tty";
import v8 from "node:v8";
import vm from "node:vm";
import wasi from "node:wasi";
import worker_threads from "node:worker_threads";
import { thrown } from "../shown.js";

const all = (holder, names, ...args) =>
  Promise.all(
    names.split(" ").map(async (name) => [name, await thrown(() => holder[name](...args))]),
  );

export const cases = {
  child_process: async () => [
    await all(
      child_process,
      "exec execFile execFileSync execSync fork spawn spawnSync _forkChild",
      "ls",
    ),
    await all(child_process, "exec execFile execFileSync execSync fork spawn spawnSync", 5),
    await thrown(() => new child_process.ChildProcess()),
  ],
  "extending a process": () => {
    class Mine extends child_process.ChildProcess {}
    return Mine.name;
  },
  cluster: async () => [
    cluster.isMaster,
    cluster.isPrimary,
    cluster.isWorker,
    cluster.schedulingPolicy,
    cluster.SCHED_NONE,
    cluster.SCHED_RR,
    cluster.workers,
    cluster.settings,
    await all(cluster, "fork disconnect setupPrimary setupMaster"),
    cluster.constructor.name,
    await thrown(() => new cluster.Worker().isDead()),
  ],
  dgram: async () => {
    const socket = dgram.createSocket("udp4");
    return [
      socket.bind(1) === socket,
      socket.close() === socket,
      socket.address(),
      socket.ref() === socket,
      await thrown(() => dgram.createSocket()),
      await thrown(() => socket.send("x", 1)),
      socket.constructor.name,
    ];
  },
  domain: async () => {
    const made = domain.create ? domain.createDomain() : null;
    return [
      typeof domain.create,
      domain.active,
      made.run((a) => a + 1, 2),
      typeof made.bind(() => {}),
      await thrown(() =>
        made.run(() => {
          throw new Error("x");
        }),
      ),
      made.constructor.name,
    ];
  },
  inspector: async () => [
    Object.keys(inspector.console).length,
    inspector.url(),
    typeof inspector.open()?.[Symbol.dispose],
    inspector.close(),
    inspector.waitForDebugger(),
    await thrown(() => new inspector.Session()),
    await all(inspector.Network, "requestWillBeSent"),
  ],
  perf_hooks: async () => [
    perf_hooks.performance === performance,
    perf_hooks.eventLoopUtilization?.() ?? perf_hooks.performance.eventLoopUtilization(),
    perf_hooks.timerify?.((x) => x)(3),
    await all(perf_hooks, "createHistogram monitorEventLoopDelay"),
    performance.timeOrigin,
    Object.keys(perf_hooks.constants).length,
  ],
  readline: async () => {
    const lines = [];
    const face = readline.createInterface({ input: process.stdin });
    const answer = await new Promise((resolve) => face.question("?", resolve));
    for await (const line of readline.createInterface({ input: process.stdin })) lines.push(line);
    return [
      answer,
      lines,
      face.constructor.name,
      readline.clearLine(process.stdout, 0),
      readline.cursorTo(process.stdout, 0),
      await readline.promises.createInterface({ input: process.stdin }).question("?"),
      new readline.promises.Readline(process.stdout).clearLine(0).constructor.name,
    ];
  },
  repl: async () => [
    await all(repl, "start writer"),
    await thrown(() => new repl.REPLServer()),
    repl.builtinModules.length,
    String(repl.REPL_MODE_STRICT),
    new repl.Recoverable(new Error("x")).err.message,
  ],
  sqlite: async () => [
    await thrown(() => new sqlite.DatabaseSync(":memory:")),
    await thrown(() => new sqlite.StatementSync()),
    await thrown(() => sqlite.backup()),
    sqlite.constants,
  ],
  test: async () => {
    const fn = test.mock.fn((x) => x + 1);
    fn(1);
    const holder = { get: () => 1 };
    const method = test.mock.method(holder, "get", () => 2);
    return [
      fn.mock.calls.length,
      fn.mock.calls[0].result,
      holder.get(),
      method.mock.callCount(),
      (test.mock.restoreAll(), holder.get()),
      typeof test,
      typeof test.mock.timers,
      typeof test.mock.module,
    ];
  },
  trace_events: async () => {
    const tracing = trace_events.createTracing({ categories: ["a", "b"] });
    return [
      tracing.enabled,
      (tracing.enable(), tracing.enabled),
      tracing.categories,
      trace_events.getEnabledCategories(),
      await thrown(() => trace_events.createTracing({ categories: [] })),
      await thrown(() => trace_events.createTracing()),
    ];
  },
  tty: async () => {
    const write = new tty.WriteStream(1);
    const read = new tty.ReadStream(0);
    return [
      tty.isatty(1),
      read.isTTY,
      write.isTTY,
      write.columns,
      write.rows,
      write.getColorDepth(),
      write.hasColors(),
      write.getWindowSize?.(),
      read.setRawMode?.(true) === read,
    ];
  },
  v8: async () => [
    v8.getHeapStatistics(),
    v8.getHeapSpaceStatistics(),
    v8.getHeapCodeStatistics(),
    v8.startupSnapshot.isBuildingSnapshot(),
    v8.cachedDataVersionTag(),
    await all(
      v8,
      "serialize deserialize setFlagsFromString getHeapSnapshot writeHeapSnapshot queryObjects takeCoverage stopCoverage setHeapSnapshotNearHeapLimit startCpuProfile isStringOneByteRepresentation",
    ),
    await thrown(() => new v8.Serializer()),
    await thrown(() => new v8.Deserializer(Buffer.alloc(1))),
    await thrown(() => new v8.GCProfiler().start()),
    await all(v8.promiseHooks, "createHook onInit"),
  ],
  vm: async () => {
    const script = new vm.Script("1");
    const context = vm.createContext();
    return [
      await all(script, "runInThisContext runInContext runInNewContext createCachedData"),
      await all(
        vm,
        "runInThisContext runInNewContext runInContext compileFunction measureMemory",
        "1",
      ),
      vm.isContext(context),
      vm.isContext({}),
      Object.getPrototypeOf(context),
      typeof vm.SourceTextModule,
      await thrown(() => new vm.Script(5)),
      await thrown(() => new vm.Script("1", { filename: 5 })),
      await thrown(() => vm.isContext(5)),
      vm.createContext({ a: 1 }),
    ];
  },
  wasi: async () => [
    await thrown(() => new wasi.WASI({ version: "x" })),
    await thrown(() => new wasi.WASI({ version: "preview1" })),
    await thrown(() => new wasi.WASI()),
  ],
  worker_threads: async () => [
    worker_threads.isMainThread,
    worker_threads.threadId,
    worker_threads.parentPort,
    worker_threads.workerData,
    worker_threads.MessageChannel === MessageChannel,
    typeof new MessageChannel().port1.on,
    await thrown(() => new worker_threads.Worker("x")),
    await thrown(() => new worker_threads.BroadcastChannel("x")),
    await all(worker_threads, "postMessageToThread moveMessagePortToContext"),
    (worker_threads.setEnvironmentData("a", 1), worker_threads.getEnvironmentData("a")),
    worker_threads.receiveMessageOnPort(new MessageChannel().port1),
    worker_threads.resourceLimits,
    worker_threads.isMarkedAsUntransferable({}),
    String(worker_threads.SHARE_ENV),
  ],
  module: async () => [
    typeof module,
    await thrown(() => new module.Module()),
    module.builtinModules.length,
    [
      "fs",
      "node:fs",
      "node:sqlite",
      "sqlite",
      "node:test",
      "node:sea",
      "cloudflare:workers",
      "nope",
    ].map((name) => module.isBuiltin(name)),
    await all(
      module,
      "_load _resolveFilename _nodeModulePaths _findPath register registerHooks runMain syncBuiltinESMExports wrap findSourceMap findPackageJSON stripTypeScriptTypes",
    ),
    await thrown(() => new module.SourceMap({})),
    module.enableCompileCache(),
    module.flushCompileCache(),
    module.globalPaths,
    module._cache,
    module.constants,
  ],
  createRequire: async () => {
    const load = module.createRequire("/bundle/x.js");
    return [
      load("./note.txt"),
      load("fs") === (await import("node:fs")).default,
      load("node:fs") === load("fs"),
      typeof load("cloudflare:workers").WorkerEntrypoint,
      await thrown(() => load("nope")),
      typeof load.resolve,
      typeof load.cache,
      typeof load.main,
      await thrown(() => module.createRequire("x")),
      await thrown(() => module.createRequire(5)),
      module.createRequire("file:///bundle/x.js")("./note.txt"),
      module.createRequire(new URL("file:///bundle/cases/x.js"))("../note.txt"),
      await thrown(() => load("./none.txt")),
    ];
  },
  process: async () => [
    process.title,
    process.argv,
    process.argv0,
    process.execPath,
    process.execArgv,
    process.arch,
    process.platform,
    process.pid,
    process.ppid,
    process.version,
    Object.keys(process.versions).length,
    process.release,
    process.features,
    Object.keys(process.config.variables).length,
    process.channel,
    process.connected,
    process.debugPort,
    process.exitCode,
    process.domain,
    process.allowedNodeEnvironmentFlags.size,
    process.moduleLoadList,
    process._preload_modules,
    process.noDeprecation,
    process.umask(),
    process.uptime(),
    process.memoryUsage(),
    typeof process.memoryUsage.rss,
    Object.keys(process.resourceUsage()).length,
    process.constrainedMemory(),
    process.availableMemory(),
    process.getuid(),
    process.getgroups(),
    process.send(),
    process.report.getReport(),
    process.getSourceMapsSupport(),
    process.openStdin() === process.stdin,
    String(process),
    process.constructor.name,
  ],
  "process refusals": async () => [
    await all(
      process,
      "kill binding _linkedBinding dlopen setUncaughtExceptionCaptureCallback hasUncaughtExceptionCaptureCallback getActiveResourcesInfo cpuUsage threadCpuUsage execve _kill",
      1,
    ),
    await thrown(() => process.permission.has("x")),
    await thrown(() => process.report.writeReport()),
    await all(process.finalization, "register registerBeforeExit unregister"),
    await all(process, "setuid setgid seteuid setegid", 5),
    await all(process, "setuid setgid", 0),
    await thrown(() => process.setgroups([1])),
    await thrown(() => process.initgroups("a", 1)),
    await thrown(() => process.umask("zz")),
    await thrown(() => process.hrtime(5)),
    await thrown(() => process.hrtime([1])),
    await thrown(() => process.emitWarning(5)),
    await thrown(() => process.loadEnvFile()),
  ],
  "process.env": async () => {
    const { env } = process;
    const out = [{ ...env }];
    env.A = 5;
    env.B = undefined;
    out.push(
      env.A,
      env.B,
      await thrown(() => {
        env[Symbol("x")] = 1;
      }),
      await thrown(() => {
        env.C = Symbol("x");
      }),
      await thrown(() => Object.defineProperty(env, "D", { value: 1 })),
      await thrown(() =>
        Object.defineProperty(env, "D", { get: () => 1, configurable: true, enumerable: true }),
      ),
      "A" in env,
      delete env.A,
      delete env.B,
      Object.keys(env),
    );
    return out;
  },
  "process streams": () => [
    process.stdout.constructor.name,
    process.stdout.fd,
    process.stderr.fd,
    process.stdin.constructor.name,
    process.stdin.fd,
    process.stdout.isTTY,
    process.stdout.columns,
    process.stdout.readable,
    process.stdout.write("x\n"),
  ],
  "process warnings": async () => {
    const heard = new Promise((resolve) => process.once("warning", resolve));
    process.emitWarning("careful", { type: "Kind", code: "C1", detail: "more" });
    const { name, message, code, detail } = await heard;
    return [name, message, code, detail];
  },
};
