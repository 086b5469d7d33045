/**
 * The arguments as wrangler's parser (yargs) reads them, rewritten into the one form that commander
 * cannot misread: words first, then every flag as `--name=value`. Pure; runs once, before commander.
 */
import { ExitCode, UserError } from "../util/errors.ts";
import type { Flag } from "./flag.ts";
import { flagAliases, ownLetters } from "./flag-spellings.ts";
import { argumentFlags, smokeFlags, typesFlags } from "./flags.ts";
import { triggerFlags } from "./trigger-flags.ts";

export interface NormalisedArguments {
  /** For commander. Flags that nobody knows are in there as they were written, without values. */
  readonly args: readonly string[];
  /** What stands behind `--`: wrangler drops it in silence. */
  readonly ignored: readonly string[];
}

const flagsByName: ReadonlyMap<string, Flag> = new Map(
  argumentFlags.map((flag) => [flag.name, flag]),
);
/** Commands that give a name of `argumentFlags` another kind of value. */
const flagsByCommand: Readonly<Record<string, ReadonlyMap<string, Flag>>> = {
  types: withOwn(typesFlags),
  smoke: withOwn(smokeFlags),
  trigger: withOwn(triggerFlags),
};
const flagsByLetter: ReadonlyMap<string, Flag> = new Map(
  argumentFlags.flatMap((flag) => (flag.short === undefined ? [] : [[flag.short, flag] as const])),
);

/** @throws UserError FLAG_VALUE where a value is missing, or given twice where there can be one */
export function normaliseArguments(args: readonly string[]): NormalisedArguments {
  return new ArgumentReader(args).read();
}

function withOwn(flags: readonly Flag[]): ReadonlyMap<string, Flag> {
  return new Map([...flagsByName, ...flags.map((flag) => [flag.name, flag] as const)]);
}

class ArgumentReader {
  readonly #args: readonly string[];
  readonly #flagsByName: ReadonlyMap<string, Flag>;
  #next = 0;
  readonly #words: string[] = [];
  readonly #flags: string[] = [];
  /** Values of the flags that can have one. */
  readonly #single: Map<Flag, (string | undefined)[]> = new Map();

  constructor(args: readonly string[]) {
    this.#args = args;
    const command = args.find((arg) => !arg.startsWith("-")) ?? "";
    this.#flagsByName = flagsByCommand[command] ?? flagsByName;
  }

  read(): NormalisedArguments {
    while (this.#next < this.#args.length) {
      const arg = this.#args[this.#next++] as string;
      if (arg === "--") break;
      const [, name, attached] = /^--([^=]+)(?:=([\s\S]*))?$/.exec(arg) ?? [];
      if (name !== undefined) this.#readLong(arg, name, attached);
      else if (/^-[^-\d.]/.test(arg)) this.#readLetters(arg);
      else this.#words.push(arg);
    }
    this.#emitSingle();
    return {
      args: [...this.#words, ...this.#flags],
      ignored: this.#args.slice(this.#next),
    };
  }

  #readLong(arg: string, name: string, attached: string | undefined): void {
    const negated = attached === undefined && name.startsWith("no-") ? name.slice(3) : undefined;
    const flag = this.#findFlag(negated ?? name);
    if (flag?.kind === "boolean" && negated !== undefined) this.#emitBoolean(flag, false);
    else if (flag !== undefined && negated === undefined) this.#readValue(flag, attached);
    // The other spelling of a negation that wrangler knows as a flag of its own.
    else if (kebab(name) === "no-bundle") {
      const bundle = flagsByName.get("bundle") as Flag;
      this.#emitBoolean(bundle, !this.#readBoolean(attached));
    } else {
      this.#flags.push(attached === undefined || name.startsWith("no-") ? arg : `--${name}`);
      // Its value, which must not be taken for a word.
      if (attached === undefined && negated === undefined) this.#takeNext();
    }
  }

  /** `-e x`, `-e=x`, `-ex`, `-lr`, `-l=false` */
  #readLetters(arg: string): void {
    for (let at = 1; at < arg.length; at += 1) {
      const flag = this.#flagOfLetter(arg[at] as string);
      if (flag === undefined) {
        this.#flags.push(`-${arg[at]}`);
        return;
      }
      const rest = arg.slice(at + 1);
      if (flag.kind !== "boolean" || rest === "" || rest.startsWith("=")) {
        this.#readValue(flag, rest === "" ? undefined : rest.replace(/^=/, ""));
        return;
      }
      this.#emitBoolean(flag, true);
    }
  }

  #flagOfLetter(letter: string): Flag | undefined {
    const own = ownLetters[this.#words[0] ?? ""]?.[letter];
    return own === undefined ? flagsByLetter.get(letter) : flagsByName.get(own);
  }

  #readValue(flag: Flag, attached: string | undefined): void {
    if (flag.kind === "boolean") {
      this.#emitBoolean(flag, this.#readBoolean(attached));
      return;
    }
    if (flag.kind === "optional") {
      this.#flags.push(attached ? `--${flag.name}=${attached}` : `--${flag.name}`);
      return;
    }
    const values: string[] = [];
    const first = attached ?? this.#takeNext();
    if (first !== undefined) values.push(first);
    while (flag.kind === "list" && first !== undefined && first !== "") {
      const more = this.#takeNext();
      if (more === undefined) break;
      values.push(more);
    }
    const isSingle = flag.kind === "number" || flag.kind === "string";
    if (flag.kind !== "number" && (first === undefined || (first === "" && !isSingle))) {
      // The message is yargs'.
      throw usageError(
        `Not enough arguments following: ${flag.name}`,
        `Expected a value: --${flag.name} <${flag.value ?? "value"}>`,
      );
    }
    if (isSingle) {
      const before = this.#single.get(flag)?.filter((value) => value !== undefined) ?? [];
      this.#single.set(flag, [...before, first]);
    } else for (const value of values) this.#flags.push(`--${flag.name}=${value}`);
  }

  /** Anything but "true" is false, as for yargs. */
  #readBoolean(attached: string | undefined): boolean {
    if (attached !== undefined) return attached === "true";
    const next = this.#args[this.#next];
    if (next !== "true" && next !== "false") return true;
    this.#next += 1;
    return next === "true";
  }

  #emitBoolean({ name, unnegated }: Flag, value: boolean): void {
    if (value) this.#flags.push(`--${name}`);
    else if (!unnegated) this.#flags.push(`--no-${name}`);
  }

  #emitSingle(): void {
    for (const [{ name, kind }, values] of this.#single) {
      if (values.length > 1) {
        const shown = JSON.stringify(kind === "number" ? values.map(Number) : values);
        throw usageError(
          `The argument "--${name}" expects a single value, but received multiple: ${shown}.`,
        );
      }
      const [value] = values;
      // A number without value is as good as not given, an empty one is what Number("") is.
      if (value !== undefined) {
        this.#flags.push(`--${name}=${value === "" && kind === "number" ? 0 : value}`);
      }
    }
  }

  /** Also by aliases and in camel case. */
  #findFlag(name: string): Flag | undefined {
    const spelled = kebab(name);
    return this.#flagsByName.get(flagAliases[spelled] ?? spelled);
  }

  /** The next argument if it can be a value: no flag, unless it reads as a negative number. */
  #takeNext(): string | undefined {
    const next = this.#args[this.#next];
    if (next === undefined || (/^-[^\d]/.test(next) && !/^-\.\d+$/.test(next))) return undefined;
    this.#next += 1;
    return next;
  }
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function usageError(message: string, hint?: string): UserError {
  return new UserError("FLAG_VALUE", message, {
    exitCode: ExitCode.config,
    ...(hint !== undefined && { hint }),
  });
}
