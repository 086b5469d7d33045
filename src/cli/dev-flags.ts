/**
 * Every flag of `drover dev`: those of `wrangler dev` (spec/wrangler.md 1.1) and the few of drover's own, as data: how it
 * is spelled, what kind of value it takes, and what it means here when it has no effect.
 */

import type { Flag } from "./flag.ts";

const NOT_YET = "not supported yet";

export const configFlag: Flag = {
  name: "config",
  short: "c",
  kind: "repeated",
  value: "path",
  help: "config of a Worker; repeat it for more; path@env for one environment",
};

/** Where and how the session is reached. */
const serverFlags: readonly Flag[] = [
  { name: "ip", kind: "string", help: "address to listen on (default: localhost)" },
  {
    name: "port",
    kind: "number",
    help: "port to listen on; 0 for any (default: 8787 or the next free one)",
  },
  {
    name: "worker-port",
    kind: "repeated",
    value: "worker=port",
    help: "a port of its own for a Worker; 0 for any",
  },
  { name: "routes-dispatch", kind: "boolean", help: "send requests by the routes of the configs" },
  {
    name: "local-protocol",
    kind: "string",
    choices: ["http", "https"],
    help: "protocol to listen with",
  },
  { name: "https-key-path", kind: "string", value: "path", help: "key for --local-protocol https" },
  {
    name: "https-cert-path",
    kind: "string",
    value: "path",
    help: "certificate for --local-protocol https",
  },
  { name: "host", kind: "string", help: "host that requests appear to be for" },
  {
    name: "upstream-protocol",
    kind: "string",
    choices: ["http", "https"],
    help: "protocol that requests appear to use",
  },
  {
    name: "log-level",
    kind: "string",
    choices: ["debug", "info", "log", "warn", "error", "none"],
    help: "what is printed (default: log)",
  },
  {
    name: "log-format",
    kind: "string",
    choices: ["text", "json"],
    help: "one JSON object a line, for programs (default: text)",
  },
  {
    name: "log-dir",
    kind: "string",
    value: "dir",
    help: "a file per Worker with what it says and serves, as JSON lines",
  },
  {
    name: "filter-log",
    kind: "list",
    value: "worker",
    help: "Workers whose output and requests are shown (default: all)",
  },
  {
    name: "trace",
    kind: "boolean",
    help: "print the calls of each request through all Workers, with durations",
  },
  {
    name: "show-interactive-dev-session",
    kind: "boolean",
    help: "hotkeys (default: when in a terminal)",
  },
  {
    name: "inspector-port",
    kind: "number",
    help: "port for debuggers; 0 for any (default: 9229 or the next free one)",
  },
  {
    name: "inspector-ip",
    kind: "string",
    help: "address for debuggers (default: 127.0.0.1)",
  },
  {
    name: "inspect",
    kind: "optional",
    value: "worker",
    help: "print where debuggers connect; a Worker: the one that they get first",
  },
  {
    name: "inspect-brk",
    kind: "optional",
    value: "worker",
    help: "wait for a debugger before a Worker (default: the first) is evaluated, and stop at its first line",
  },
  {
    name: "local-upstream",
    kind: "string",
    help: "host that requests appear to be for, where --host is not given",
    hidden: true,
  },
  { name: "cron", kind: "boolean", help: "fire cron triggers on their schedules" },
  {
    name: "time-scale",
    kind: "string",
    value: "factor",
    help: "with --cron: how much faster its clock runs (default: 1)",
  },
  { name: "live-reload", kind: "boolean", help: "reload HTML pages in the browser" },
  { name: "registry", kind: "boolean", help: "find Workers of other sessions (default: true)" },
  {
    name: "takeover",
    kind: "boolean",
    help: "take names of Workers over from other sessions that hold them",
  },
  {
    name: "keep-awake",
    kind: "boolean",
    help: "with more than eight Workers: those that nobody has called keep their threads",
  },
  {
    name: "service",
    kind: "repeated",
    value: "BINDING=url",
    help: "where a service binding leads instead of to a Worker; worker:BINDING for one Worker",
  },
  {
    name: "stub",
    kind: "repeated",
    value: "BINDING=file",
    help: "a module that stands in for the Worker of a service binding",
  },
  {
    name: "ready-file",
    kind: "string",
    value: "path",
    help: "a file that is there while the session answers: its URLs and process, as JSON",
  },
  {
    name: "wait-for-peers",
    kind: "string",
    value: "seconds",
    help: "how long calls wait for a Worker that is not running (default: 0)",
  },
];

/** Instead of a session. */
const explainFlag: Flag = {
  name: "explain-env",
  kind: "boolean",
  unnegated: true,
  help: "print where every variable of every Worker comes from, and end",
};

/** What is built and how; applies to every Worker. */
const workerFlags: readonly Flag[] = [
  {
    name: "env",
    short: "e",
    kind: "string",
    value: "name",
    help: "environment of the configs; -c path@env for one of them",
  },
  {
    name: "env-file",
    kind: "list",
    value: "path",
    help: "files to read variables from, instead of .dev.vars and .env",
  },
  { name: "name", kind: "string", help: "name of the Worker (of the first, if there are several)" },
  {
    name: "compatibility-date",
    kind: "string",
    value: "date",
    help: "date of the runtime's behaviour",
  },
  {
    name: "compatibility-flags",
    kind: "list",
    value: "flag",
    help: "flags of the runtime's behaviour",
  },
  {
    name: "var",
    kind: "list",
    value: "key:value",
    help: "variables; worker:key=value for one Worker",
  },
  { name: "define", kind: "list", value: "key:value", help: "texts to replace while bundling" },
  { name: "alias", kind: "list", value: "module:path", help: "modules to replace while bundling" },
  { name: "bundle", kind: "boolean", help: "bundle the code; --no-bundle runs it as it is" },
  { name: "minify", kind: "boolean", help: "minify the code" },
  { name: "tsconfig", kind: "string", value: "path", help: "tsconfig.json to use" },
  { name: "jsx-factory", kind: "string", help: "function for JSX elements" },
  { name: "jsx-fragment", kind: "string", help: "function for JSX fragments" },
  { name: "routes", kind: "list", value: "pattern", help: "routes of the Worker" },
  {
    name: "assets",
    kind: "string",
    value: "dir",
    help: "folder of static assets to serve",
  },
  {
    name: "limits",
    kind: "string",
    choices: ["off", "warn", "enforce"],
    help: "production limits (default: warn)",
  },
  {
    name: "strict",
    kind: "boolean",
    help: "what production refuses is an error, and so is what drover does not support",
  },
];

/** Flags of wrangler that do nothing here. */
const otherFlags: readonly Flag[] = [
  {
    name: "local",
    short: "l",
    kind: "boolean",
    help: "run locally: always the case",
    hidden: true,
    ignored: "",
  },
  {
    name: "remote",
    short: "r",
    kind: "boolean",
    help: "",
    hidden: true,
    refused: "--remote is not supported: drover runs Workers on this machine only.",
  },
  { name: "latest", kind: "boolean", help: "", hidden: true, ignored: "" },
  {
    name: "node-compat",
    kind: "boolean",
    help: "",
    hidden: true,
    refused:
      "The --node-compat flag is no longer supported as of Wrangler v4. Instead, use the `nodejs_compat` compatibility flag.",
  },
  {
    name: "experimental-new-config",
    kind: "boolean",
    help: "",
    hidden: true,
    refused:
      "--experimental-new-config is not supported: use a wrangler.toml, .json or .jsonc file.",
  },
  {
    name: "persist-to",
    kind: "string",
    value: "dir",
    help: "where local data is kept (default: .wrangler/state beside the first config)",
  },
  { name: "test-scheduled", kind: "boolean", help: "test scheduled events at /__scheduled" },
  {
    name: "types",
    kind: "boolean",
    help: "keep each worker-configuration.d.ts beside a config up to date",
  },
  { name: "tunnel", kind: "boolean", help: "", hidden: true, ignored: NOT_YET },
  { name: "tunnel-name", kind: "string", help: "", hidden: true, ignored: NOT_YET },
  { name: "enable-containers", kind: "boolean", help: "", hidden: true, ignored: NOT_YET },
  {
    name: "site",
    kind: "string",
    value: "dir",
    help: "folder of Workers Sites",
    hidden: true,
  },
  { name: "site-include", kind: "list", help: "", hidden: true },
  { name: "site-exclude", kind: "list", help: "", hidden: true },
  { name: "install-skills", kind: "boolean", help: "", hidden: true, ignored: "" },
  { name: "profile", kind: "string", help: "", hidden: true, ignored: "" },
  { name: "experimental-provision", kind: "boolean", help: "", hidden: true, ignored: "" },
  { name: "experimental-auto-create", kind: "boolean", help: "", hidden: true, ignored: "" },
];

export const devFlags: readonly Flag[] = [
  configFlag,
  ...workerFlags,
  ...serverFlags,
  explainFlag,
  ...otherFlags,
];
