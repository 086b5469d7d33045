/** `--service AUTH=http://localhost:5173` and `--stub AUTH=./mock.ts`: what a service binding leads to instead. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { StandIn } from "../config/flags.ts";
import type { ResolvedConfig } from "../config/types.ts";
import { ExitCode, UserError } from "../util/errors.ts";

/** @throws UserError FLAG_VALUE */
export function parseStandIns(
  services: readonly string[],
  stubs: readonly string[],
  cwd: string,
): StandIn[] {
  return [
    ...services.map((text) => serviceOf(parse("--service", text, "http://localhost:5173"))),
    ...stubs.map((text) => stubOf(parse("--stub", text, "./mock.ts"), cwd)),
  ];
}

/** What no Worker binds, for a warning; undefined if every one is used. */
export function describeUnused(
  standIns: readonly StandIn[],
  configs: readonly ResolvedConfig[],
): string | undefined {
  const unused = standIns.filter(
    ({ name }) => !configs.some(({ services }) => services.some(({ service }) => service === name)),
  );
  if (unused.length === 0) return undefined;
  const names = unused.map(({ binding, of }) => (of === undefined ? binding : `${of}:${binding}`));
  return `No Worker of this session has a service binding ${names.join(", ")}: --service and --stub do nothing for it.`;
}

interface Parsed {
  readonly flag: string;
  readonly of: string | undefined;
  readonly binding: string;
  readonly value: string;
}

function parse(flag: string, text: string, example: string): Parsed {
  const [, of, binding = "", value = ""] =
    /^(?:([a-z0-9_-]+):)?([\p{ID_Start}$_][\p{ID_Continue}$]*)=(.+)$/u.exec(text) ?? [];
  if (value === "") {
    throw wrongValue(`Expected ${flag} BINDING=${example} but got "${text}".`);
  }
  return { flag, of, binding, value };
}

function serviceOf({ flag, of, binding, value }: Parsed): StandIn {
  if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol)) {
    throw wrongValue(`Expected ${flag} ${binding}= to be followed by a URL but got "${value}".`);
  }
  return {
    name: nameOf("url", of, binding),
    main: fileURLToPath(new URL("../session/url-worker.js", import.meta.url)),
    vars: { URL: value, BINDING: binding },
    binding,
    of,
    hasEntrypoints: false,
  };
}

function stubOf({ flag, of, binding, value }: Parsed, cwd: string): StandIn {
  const main = resolve(cwd, value);
  if (!existsSync(main)) throw wrongValue(`${flag} ${binding}: the file ${value} does not exist.`);
  return {
    name: nameOf("stub", of, binding),
    main,
    vars: {},
    binding,
    of,
    hasEntrypoints: true,
  };
}

function nameOf(kind: string, of: string | undefined, binding: string): string {
  const words = [kind, ...(of === undefined ? [] : [of]), binding];
  return words
    .join("-")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}

function wrongValue(message: string): UserError {
  return new UserError("FLAG_VALUE", message, { exitCode: ExitCode.config });
}
