/** The flags of the other commands, and how every flag of every command takes its value. */
import { configFlag, devFlags } from "./dev-flags.ts";
import type { Flag } from "./flag.ts";

const devFlag = (name: string): Flag => devFlags.find((flag) => flag.name === name) as Flag;

/** Of every command on local data (local-program.ts). */
export const localFlags: readonly Flag[] = [
  { ...configFlag, help: "config with the binding; local data is beside the first one" },
  devFlag("env"),
  devFlag("env-file"),
  devFlag("persist-to"),
  { name: "local", kind: "boolean", help: "", hidden: true },
  { name: "remote", kind: "boolean", help: "", hidden: true },
];

/** Of `drover types`. */
export const typesFlags: readonly Flag[] = [
  {
    ...configFlag,
    help: "config to type; further ones are where types of bound Workers come from",
  },
  { ...devFlag("env"), help: "environment to type alone, instead of all" },
  devFlag("env-file"),
  {
    name: "env-interface",
    kind: "string",
    value: "name",
    help: "name of the interface (default: Env)",
  },
  { name: "include-runtime", kind: "boolean", help: "types of the runtime (default: true)" },
  { name: "include-env", kind: "boolean", help: "types of env (default: true)" },
  { name: "strict-vars", kind: "boolean", help: "literal types of variables (default: true)" },
  {
    name: "include-main-module",
    kind: "boolean",
    help: "the import of the entry that ctx.exports is typed by (default: true)",
  },
  {
    name: "check",
    kind: "boolean",
    help: "only say whether the file is up to date; exit code 1 if not",
  },
  { name: "experimental-include-runtime", kind: "string", help: "", hidden: true },
];

/** Of `drover doctor`. */
export const doctorFlags: readonly Flag[] = [configFlag, devFlag("env"), devFlag("persist-to")];

/** Of `drover logs`. */
export const logsFlags: readonly Flag[] = [
  {
    name: "since",
    kind: "string",
    value: "time",
    help: "how far back: 30s, 5m, 2h or a date (default: all that is kept)",
  },
  { name: "worker", kind: "list", value: "name", help: "only what these Workers say" },
  { name: "follow", short: "f", kind: "boolean", unnegated: true, help: "go on with what comes" },
  devFlag("log-format"),
];

/** Of `drover smoke`, where it means something else than elsewhere. */
export const smokeFlags: readonly Flag[] = [{ name: "json", kind: "string", help: "" }];

/** Of `drover graph`. */
export const graphFlags: readonly Flag[] = [
  { ...configFlag, help: "config to draw; default: all of the workspace" },
  { ...devFlag("env"), help: "environment of the configs that have it" },
  {
    name: "format",
    kind: "string",
    choices: ["text", "mermaid", "json"],
    help: "how it is printed (default: text)",
  },
];

/** Of other commands, and of all. program.ts and local-program.ts say what they mean. */
const commandFlags: readonly Flag[] = [
  { name: "cwd", kind: "string", help: "" },
  { name: "check", kind: "list", help: "" },
  { name: "checks", kind: "string", help: "" },
  { name: "junit", kind: "string", help: "" },
  { name: "timeout", kind: "string", help: "" },
  { name: "template", kind: "string", help: "" },
  { name: "command", kind: "string", help: "" },
  { name: "binding", kind: "string", help: "" },
  { name: "namespace-id", kind: "string", help: "" },
  { name: "path", kind: "string", help: "" },
  { name: "ttl", kind: "string", help: "" },
  { name: "expiration", kind: "string", help: "" },
  { name: "metadata", kind: "string", help: "" },
  { name: "text", kind: "boolean", unnegated: true, help: "" },
  { name: "prefix", kind: "string", help: "" },
  { name: "preview", kind: "boolean", help: "" },
  { name: "yes", short: "y", kind: "boolean", help: "" },
  { name: "force", kind: "boolean", help: "" },
  { name: "file", short: "f", kind: "string", help: "" },
  { name: "pipe", short: "p", kind: "boolean", unnegated: true, help: "" },
  { name: "jurisdiction", short: "J", kind: "string", help: "" },
  { name: "storage-class", short: "s", kind: "string", help: "" },
  { name: "content-type", kind: "string", help: "" },
  { name: "content-disposition", kind: "string", help: "" },
  { name: "content-encoding", kind: "string", help: "" },
  { name: "content-language", kind: "string", help: "" },
  { name: "cache-control", kind: "string", help: "" },
  { name: "expires", kind: "string", help: "" },
  { name: "output", kind: "string", help: "" },
  { name: "table", kind: "list", help: "" },
  { name: "compatibility", kind: "string", help: "" },
  { name: "skip-confirmation", kind: "boolean", help: "" },
  { name: "json", kind: "boolean", unnegated: true, help: "" },
  { name: "help", short: "h", kind: "boolean", unnegated: true, help: "" },
  { name: "version", short: "v", kind: "boolean", unnegated: true, help: "" },
];

/** How every flag of every command takes its value. */
export const argumentFlags: readonly Flag[] = [
  ...devFlags,
  ...localFlags,
  ...typesFlags,
  ...graphFlags,
  ...logsFlags,
  ...commandFlags,
];
