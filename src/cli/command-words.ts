/**
 * The words that name a command, before commander acts on them: `help` before words of any depth, words that
 * name none, and wrangler's commands that are not drover's. Called by program.ts.
 */
import type { Command } from "commander";
import { nearest } from "../util/nearest.ts";

/** Commands of wrangler 4.164 that work on an account, or on wrangler itself, by the words before them. */
const WRANGLERS: Readonly<Record<string, readonly string[]>> = {
  "": (
    "agent-memory ai ai-search artifacts auth basin browser build cert check cloudchamber complete containers " +
    "delete deploy deployments dispatch-namespace docs email flagship hyperdrive k2 login logout " +
    "mtls-certificate pages pipelines preview queues rollback secret secrets-store setup tail telemetry " +
    "triggers tunnel turnstile vectorize versions vpc whoami workflows"
  ).split(" "),
  d1: ["create", "delete", "info", "insights", "list", "time-travel"],
  kv: ["namespace"],
  r2: ["bucket", "bulk", "sql"],
};

/** What drover has for it. */
const INSTEAD: Readonly<Record<string, string>> = {
  complete: "drover completion <shell> prints a script that completes drover's commands",
  delete: "drover state reset deletes local data",
  queues: "drover trigger <worker> queue <name> plays a batch of messages",
  secret: "secrets of local Workers stand in .dev.vars or .env",
  tail: "drover logs -f shows what the Workers of running sessions say",
  triggers: "drover trigger <worker> scheduled plays a cron trigger",
  "d1 list": "drover state ls lists local databases",
  "kv namespace": "drover state ls lists local namespaces",
  "r2 bucket": "drover state ls lists local buckets",
};

/** What a command does without one of those below it. */
const ALONE: Readonly<Record<string, string>> = {
  registry: "drover registry alone lists the Workers of all sessions",
};

/**
 * @param args words first, then flags (arguments.ts)
 * @returns them with `help x y` as `x y --help`
 * @throws CommanderError for words that name no command; what is wrong is printed
 */
export function readCommandWords(program: Command, args: readonly string[]): readonly string[] {
  const end = args.findIndex((arg) => /^-[^\d.]/.test(arg));
  const words = end === -1 ? args : args.slice(0, end);
  const path: string[] = [];
  let command = program;
  let asksForHelp = false;
  for (const word of words) {
    if (command.commands.length === 0) break;
    const child = command.commands.find((each) => each.name() === word);
    if (child !== undefined) {
      command = child;
      path.push(word);
    } else if (word === "help" && !asksForHelp) asksForHelp = true;
    else refuse(command, path, word, words);
  }
  return asksForHelp ? [...path, "--help"] : args;
}

function refuse(
  command: Command,
  path: readonly string[],
  word: string,
  words: readonly string[],
): never {
  const group = path.join(" ");
  if (WRANGLERS[group]?.includes(word)) {
    const given = words.filter((each) => each !== "help").join(" ");
    const instead = INSTEAD[[...path, word].join(" ")];
    return command.error(
      [
        `error: '${[...path, word].join(" ")}' is a command of wrangler, not of drover: npx wrangler ${given}`,
        ...(instead === undefined ? [] : [`(${instead})`]),
      ].join("\n"),
      { code: "commander.unknownCommand" },
    );
  }
  const names = command.commands.map((each) => each.name());
  const close = nearest(word, names);
  const lines = [
    `error: unknown command '${word}'${group === "" ? "" : ` of drover ${group}`}`,
    ...(close === undefined ? [] : [`(Did you mean ${close}?)`]),
    ...(group === "" ? [] : [`Its commands: ${names.join(", ")}`]),
    ...(ALONE[group] === undefined ? [] : [`(${ALONE[group]})`]),
  ];
  return command.error(lines.join("\n"), { code: "commander.unknownCommand" });
}
