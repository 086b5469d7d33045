/**
 * Which `node:` modules a Worker has, by its flags (spec/node.md 1.2). What a date lacks, wrangler's
 * bundler emulates (src/bundle/node/environment.ts); unbundled code sees this.
 */
type Flags = Readonly<Record<string, boolean>>;

const HTTP = "enable_nodejs_http_modules";

/** Modules with a flag of their own; all others come with Node compatibility itself. */
const OWN_FLAG: Readonly<Record<string, string>> = {
  _http_agent: HTTP,
  _http_client: HTTP,
  _http_common: HTTP,
  _http_incoming: HTTP,
  _http_outgoing: HTTP,
  _http_server: "enable_nodejs_http_server_modules",
  _stream_wrap: "enable_nodejs_stream_wrap_module",
  child_process: "enable_nodejs_child_process_module",
  cluster: "enable_nodejs_cluster_module",
  console: "enable_nodejs_console_module",
  dgram: "enable_nodejs_dgram_module",
  domain: "enable_nodejs_domain_module",
  fs: "enable_nodejs_fs_module",
  http: HTTP,
  http2: "enable_nodejs_http2_module",
  https: HTTP,
  inspector: "enable_nodejs_inspector_module",
  "inspector/promises": "enable_nodejs_inspector_module",
  os: "enable_nodejs_os_module",
  perf_hooks: "enable_nodejs_perf_hooks_module",
  punycode: "enable_nodejs_punycode_module",
  readline: "enable_nodejs_readline_module",
  "readline/promises": "enable_nodejs_readline_module",
  repl: "enable_nodejs_repl_module",
  sqlite: "enable_nodejs_sqlite_module",
  trace_events: "enable_nodejs_trace_events_module",
  tty: "enable_nodejs_tty_module",
  v8: "enable_nodejs_v8_module",
  vm: "enable_nodejs_vm_module",
  wasi: "enable_nodejs_wasi_module",
  worker_threads: "enable_nodejs_worker_threads_module",
};

/** Comes with the names without prefix. */
const SYS = "sys";

/** There with the prefix only. */
const PREFIXED: ReadonlySet<string> = new Set(["test"]);

/** `name` without prefix; `hasPrefix`: it was asked for as `node:name`. */
export function hasModule(flags: Flags, name: string, hasPrefix: boolean): boolean {
  if (hasPrefix && name === "process") return true;
  if (hasPrefix && name === "async_hooks" && flags.nodejs_als === true) return true;
  const isOn = hasPrefix
    ? flags.nodejs_compat === true || flags.nodejs_compat_v2 === true
    : flags.nodejs_compat_v2 === true && !PREFIXED.has(name);
  if (name === SYS && flags.nodejs_compat_v2 !== true) return false;
  const own = OWN_FLAG[name];
  return isOn && (own === undefined || flags[own] === true);
}
