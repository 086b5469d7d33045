/*
 * node test/surface/against-spec.js FOLDER
 *
 * Whether recorded.json, which surface.test.ts holds drover to, covers what globals.json and workerd-surface.json in FOLDER say:
 * every global name, and every member of every class with its kind, arity and enumerability, in all of SETS. Prints what is
 * missing or different and is not listed below with a reason; the exit code is the number of such lines, at most 1.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pick, SETS } from "./sets.js";

const folder = process.argv[2];
if (folder === undefined) throw new Error("Name the folder that holds globals.json.");
const read = (file) => JSON.parse(readFileSync(file, "utf8"));
const recorded = read(join(import.meta.dirname, "recorded.json"));
const globals = read(join(folder, "globals.json")).workerd;
const surface = read(join(folder, "workerd-surface.json"));
const SURFACE_KEYS = ["plain", "compat", "plain_20261117", "compat_20261117"];
const GLOBAL_KEYS = [
  "plain@2026-01-01",
  "nodejs_compat@2026-01-01",
  "plain@2026-11-17",
  "nodejs_compat@2026-11-17",
];

/** What is not looked at here, and why. */
const ACCEPTED = [
  [/^Buffer\b/, "a module of Node: test/integration/runtime/node-surface.test.ts"],
  [
    /^(?:clear|set)(?:Interval|Timeout) is not recorded as a class$/,
    "functions with a prototype; recorded as functions",
  ],
];

/** `name get e`, `name/0 e`, `name:string` as in workers/surface.js, in the words of the specification. */
function parse(text) {
  const members = new Map();
  for (const part of text === "" ? [] : text.split(", ")) {
    const [, name, kind] = /^(@@[\w.]+|[^ /:]+)(.*)$/.exec(part);
    const isEnumerable = / e\b/.test(kind);
    const type = kind.startsWith("/")
      ? `function${/^\/\d+/.exec(kind)[0]}`
      : kind.startsWith(":")
        ? "value"
        : "accessor";
    members.set(name, `${type}${isEnumerable ? " e" : ""}`);
  }
  return members;
}

/** The specification's own descriptor in the same words; undefined: machinery of the runtime. */
function specified([name, kind]) {
  if (/^Symbol\((?:cloudflare|kResource|state|supports|length|immutable|expects)/.test(name)) {
    return undefined;
  }
  const key = name.replace(/^Symbol\(Symbol\.(.*)\)$/, "@@$1");
  const [type, ...flags] = kind.split(" ");
  const isKnown = type === "accessor" || type.startsWith("function");
  return [key, [isKnown ? type : "value", ...flags.filter((flag) => flag === "e")].join(" ")];
}

function* differences(index) {
  const shown = pick(recorded, index);
  const scopes = Object.keys(shown).filter((name) => name.startsWith("scope "));
  const names = new Set(scopes.flatMap((name) => [...parse(shown[name]).keys()]));
  for (const name of Object.keys(globals[GLOBAL_KEYS[index]])) {
    if (!names.has(name)) yield `${name} is not recorded as a global`;
  }
  for (const [name, cls] of Object.entries(surface[SURFACE_KEYS[index]].classes)) {
    if (shown[`${name} statics`] === undefined) {
      yield `${name} is not recorded as a class`;
      continue;
    }
    const isLanguage = shown[`${name} class`] === undefined;
    for (const [side, members] of [
      ["prototype", cls.proto],
      ["statics", cls.statics],
    ]) {
      const text = shown[`${name} ${side}`] ?? "";
      const found = isLanguage
        ? new Map(text.split(" ").map((key) => [key, undefined]))
        : parse(text);
      for (const [key, kind] of Object.entries(members ?? {})
        .map(specified)
        .filter(Boolean)) {
        const ours = found.get(key);
        if (!found.has(key)) yield `${name} ${side} ${key} is not recorded`;
        else if (ours !== undefined && ours !== kind) {
          yield `${name} ${side} ${key} is ${kind}, recorded as ${ours}`;
        }
      }
    }
  }
}

let count = 0;
for (const [index, set] of SETS.entries()) {
  for (const line of differences(index)) {
    const reason = ACCEPTED.find(([pattern]) => pattern.test(line))?.[1];
    if (reason === undefined) count += 1;
    console.log(`${set.name}: ${line}${reason === undefined ? "" : ` (${reason})`}`);
  }
}
console.log(`${count} differences without a reason`);
process.exit(count === 0 ? 0 : 1);
