import fc from "fast-check";
import { describe, expect, test } from "vitest";
import yargsParser from "yargs-parser";
import { normaliseArguments } from "../../../src/cli/arguments.ts";
import { flagAliases } from "../../../src/cli/flag-spellings.ts";
import { argumentFlags } from "../../../src/cli/flags.ts";

/**
 * What wrangler 4.164 understood (its bindings table, its error texts, the file that it read), in
 * the one form that commander is given.
 */
describe("arguments are read as wrangler reads them", () => {
  test.each<[string, string]>([
    // A value, attached or not.
    ["dev -c=a.toml", "dev --config=a.toml"],
    ["dev -c a.toml", "dev --config=a.toml"],
    ["dev --config=a.toml --config b.toml", "dev --config=a.toml --config=b.toml"],
    ["dev -e=x --port=0", "dev --env=x --port=0"],
    ["dev --name=", "dev --name="],
    ["dev --name 123 --port 8787", "dev --name=123 --port=8787"],
    ["dev --port -1", "dev --port=-1"],
    // A number without value is as good as absent.
    ["dev --port", "dev"],
    ["dev --port= --minify", "dev --minify --port=0"],
    // -c takes one value each time; what follows is the script.
    ["dev -c a.toml b.toml", "dev b.toml --config=a.toml"],
    // Lists take all that follows, and may be repeated.
    [
      "dev --var A:1 B:2 --var C:3 --var=D:4 E:5",
      "dev --var=A:1 --var=B:2 --var=C:3 --var=D:4 --var=E:5",
    ],
    ["dev --var A:1 -5 B:2", "dev --var=A:1 --var=-5 --var=B:2"],
    [
      "dev --compatibility-flags=a b --compatibility-flag c",
      "dev --compatibility-flags=a --compatibility-flags=b --compatibility-flags=c",
    ],
    [
      "dev --env-file .env .env.local --minify",
      "dev --env-file=.env --env-file=.env.local --minify",
    ],
    // Booleans: only "true" and "false" are values of theirs, anything attached but "true" is false.
    ["dev --minify=false --local true i.js", "dev i.js --no-minify --local"],
    ["dev --local=maybe --minify=", "dev --no-local --no-minify"],
    ["dev --no-minify false", "dev false --no-minify"],
    ["dev --minify --no-minify", "dev --minify --no-minify"],
    ["dev -lr", "dev --local --remote"],
    ["dev -l=false", "dev --no-local"],
    ["dev --noBundle=false", "dev --bundle"],
    ["dev --no-bundle=true", "dev --no-bundle"],
    ["dev --noBundle", "dev --no-bundle"],
    ["dev --no-bundle", "dev --no-bundle"],
    // Camel case and aliases.
    ["dev --inspectorPort 9229 --no-liveReload", "dev --no-live-reload --inspector-port=9229"],
    ["dev --route a.test/*", "dev --routes=a.test/*"],
    ["dev --xProvision=false", "dev --no-experimental-provision"],
    // Flags before the command.
    ["-c b.toml dev --port 0", "dev --config=b.toml --port=0"],
    ["--cwd /tmp dev", "dev --cwd=/tmp"],
    // Unknown flags stay as they are, without what would be their value.
    ["dev --prot 1", "dev --prot"],
    ["dev --prot=1 i.js", "dev i.js --prot"],
    ["dev --noMinify", "dev --noMinify"],
    ["dev --no-minify=false", "dev --no-minify=false"],
    ["dev -z", "dev -z"],
    // Other commands.
    ["smoke --check=A --check B C --timeout=5", "smoke --check=A --check=B --check=C --timeout=5"],
    ["init --template=single app", "init app --template=single"],
    ["status --json=true 8787", "status 8787 --json"],
    ["registry --json=false", "registry"],
    ["registry stop --no-json", "registry stop"],
    ["dev -h", "dev --help"],
  ])("%s", (given, expected) => {
    expect(normaliseArguments(given.split(" ")).args.join(" ")).toBe(expected);
  });

  test.each([
    [
      "dev --name a --name b",
      'The argument "--name" expects a single value, but received multiple: ["a","b"].',
    ],
    [
      "dev --port 1 --port 2",
      'The argument "--port" expects a single value, but received multiple: [1,2].',
    ],
    [
      "dev --env a -e=b",
      'The argument "--env" expects a single value, but received multiple: ["a","b"].',
    ],
    ["dev --name --minify", "Not enough arguments following: name"],
    ["dev --var", "Not enough arguments following: var"],
    ["dev --var=", "Not enough arguments following: var"],
    ["dev --config", "Not enough arguments following: config"],
  ])("%s is refused", (given, message) => {
    expect(() => normaliseArguments(given.split(" "))).toThrow(message);
  });

  test("nothing behind -- is read", () => {
    const given = ["dev", "--var", "A:1", "--", "--minify", "i.js"];
    expect(normaliseArguments(given)).toEqual({
      args: ["dev", "--var=A:1"],
      ignored: ["--minify", "i.js"],
    });
  });
});

/** yargs' own parser, told what wrangler tells it about these flags. */
function parseLikeWrangler(args: readonly string[]): Record<string, unknown> {
  const of = (kind: string) => argumentFlags.filter((flag) => flag.kind === kind);
  const names = (kind: string) => of(kind).map(({ name }) => name);
  const alias: Record<string, string[]> = {};
  for (const { name, short } of argumentFlags) if (short !== undefined) alias[name] = [short];
  for (const [other, name] of Object.entries(flagAliases)) {
    alias[name] = [...(alias[name] ?? []), other];
  }
  const withValue = [...names("string"), ...names("repeated"), ...names("list")];
  const options = {
    // What makes the parser read --inspectorPort as --inspector-port; its types do not have it.
    key: Object.fromEntries(argumentFlags.map(({ name }) => [name, true])),
    array: names("list"),
    boolean: names("boolean"),
    number: names("number"),
    string: [...names("string"), ...names("list"), ...names("repeated")],
    narg: Object.fromEntries(withValue.map((name) => [name, Number.NaN])),
    alias,
    configuration: { "parse-positional-numbers": false },
  };
  const { argv, error } = yargsParser.detailed([...args], options);
  if (error) return { refused: true };
  const result: Record<string, unknown> = { _: argv._.map(String) };
  for (const { name, kind } of argumentFlags) {
    const value: unknown = argv[name];
    if (value === undefined) continue;
    const several = Array.isArray(value) && kind !== "list" && kind !== "repeated";
    if (several) return { refused: true };
    const isList = kind === "list" || kind === "repeated";
    result[name] = isList ? [value].flat().map(String) : kind === "boolean" ? value : String(value);
  }
  return result;
}

function parseAsHere(args: readonly string[]): Record<string, unknown> {
  let normalised: readonly string[];
  try {
    normalised = normaliseArguments(args).args;
  } catch {
    return { refused: true };
  }
  const result: Record<string, unknown> = { _: [] };
  for (const arg of normalised) {
    const [, no, name = "", value] = /^--(no-(?!bundle=))?([^=]+)(?:=([\s\S]*))?$/.exec(arg) ?? [];
    const flag = argumentFlags.find((known) => known.name === name);
    if (flag === undefined) (result._ as string[]).push(arg);
    else if (value === undefined) result[name] = no === undefined;
    else if (flag.kind === "list" || flag.kind === "repeated") {
      result[name] = [...((result[name] as string[] | undefined) ?? []), value];
    } else result[name] = flag.kind === "number" ? String(Number(value)) : value;
  }
  return result;
}

const flagNames = [
  ...["config", "var", "env-file", "routes", "route", "name", "env", "cwd", "log-level"],
  ...["port", "inspector-port", "minify", "local", "live-reload", "bundle"],
];
const camel = (name: string) =>
  name.replace(/-(.)/g, (_match, letter: string) => letter.toUpperCase());
const long = fc.constantFrom(...flagNames, ...flagNames.map(camel));
const value = fc.constantFrom("a", "b=c", "A:1", "true", "false", "7", "-3", "-.5", "x.toml", "");
const piece = fc.oneof(
  long.map((name) => [`--${name}`]),
  fc.tuple(long, value).map(([name, text]) => [`--${name}=${text}`]),
  fc
    .tuple(
      long,
      value.filter((text) => text !== ""),
    )
    .map(([name, text]) => [`--${name}`, text]),
  fc
    .constantFrom("minify", "live-reload", "liveReload", "bundle", "local")
    .map((n) => [`--no-${n}`]),
  fc.constantFrom("-l", "-lr", "-r", "-l=true", "-l=false").map((text) => [text]),
  fc.tuple(fc.constantFrom("-c", "-e"), value).map(([letter, text]) => [`${letter}=${text}`]),
  value.filter((text) => text !== "").map((text) => [text]),
);

test("any arguments mean to us what they mean to yargs", () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
      const args = pieces.flat();
      // Of these wrangler makes an empty config name, an empty route: we say what is missing.
      fc.pre(!args.some((arg) => /^(-[ce]|--(config|var|env-?file|routes?))=$/i.test(arg)));
      expect(parseAsHere(args)).toEqual(parseLikeWrangler(args));
    }),
    { numRuns: 2000 },
  );
});
