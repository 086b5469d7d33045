/**
 * What Workers see as `process`: the shape of Node's, nothing of the host's process. Made once per
 * thread from the Worker's flags and string bindings.
 */
import { EventEmitter } from "node:events";
import { logConsole } from "../isolate/log.ts";
import { createProcessEnv } from "./process-env.ts";

export interface ProcessOptions {
  /** Of `process.env` at the start; empty unless `nodejs_compat_populate_process_env`. */
  readonly env: Record<string, string>;
  /** `process.getBuiltinModule`. */
  readonly builtin: (name: string) => unknown;
}

export function createProcess(options: ProcessOptions): object {
  const started = Date.now();
  const host = process;
  const emitter = new EventEmitter();
  const members = {
    title: "workerd",
    arch: "x64",
    platform: "linux",
    argv: ["workerd"],
    argv0: "workerd",
    execArgv: [],
    execPath: "/bin/workerd",
    env: createProcessEnv(options.env),
    exitCode: undefined,
    features: { ...host.features },
    pid: 1,
    ppid: 0,
    release: { name: "node" },
    version: host.version,
    versions: { node: host.versions.node, v8: host.versions.v8 },
    config: { target_defaults: {}, variables: {} },
    stdin: null,
    stdout: outputStream("log", 1),
    stderr: outputStream("error", 2),
    abort: () => refuse("abort"),
    chdir: () => refuse("chdir"),
    cpuUsage: () => ({ user: 0, system: 0 }),
    cwd: () => "/bundle",
    emitWarning: (warning: unknown) => logConsole("warn", String(warning)),
    exit: () => refuse("exit"),
    getBuiltinModule: (name: string) => options.builtin(name),
    getegid: () => 0,
    geteuid: () => 0,
    getgid: () => 0,
    getuid: () => 0,
    hrtime: host.hrtime,
    kill: () => refuse("kill"),
    memoryUsage: Object.assign(
      () => ({ rss: 0, heapTotal: 0, heapUsed: 0, external: 0, arrayBuffers: 0 }),
      { rss: () => 0 },
    ),
    nextTick: host.nextTick,
    umask: () => 0o22,
    uptime: () => (Date.now() - started) / 1000,
  };
  // Node's process is an EventEmitter too: libraries call process.on(...) when they load.
  return Object.assign(emitter, members);
}

function outputStream(level: "log" | "error", fd: number): object {
  return {
    fd,
    isTTY: false,
    writable: true,
    write(chunk: unknown, ...rest: readonly unknown[]): boolean {
      const text = typeof chunk === "string" ? chunk : Buffer.from(chunk as Uint8Array).toString();
      logConsole(level, text.endsWith("\n") ? text.slice(0, -1) : text);
      const done = rest.at(-1);
      if (typeof done === "function") queueMicrotask(() => done());
      return true;
    },
    on: () => {},
    once: () => {},
    emit: () => false,
    removeListener: () => {},
    end: () => {},
  };
}

function refuse(name: string): never {
  throw new Error(`process.${name}() is not supported in Workers.`);
}
