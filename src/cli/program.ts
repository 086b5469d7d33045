/**
 * The commands and their arguments. Each command's code is imported when it runs, so that `--help`
 * loads none of it.
 */
import { Argument, Command, CommanderError, Option } from "commander";
import type { HostProcess } from "../session/host-process.ts";
import { ExitCode, hasCode, messageOf, UserError } from "../util/errors.ts";
import { readVersion } from "../util/version.ts";
import { normaliseArguments } from "./arguments.ts";
import { readCommandWords } from "./command-words.ts";
import type { Shell } from "./completion/scripts.ts";
import { EXAMPLES } from "./examples.ts";
import { doctorFlags, graphFlags, logsFlags, typesFlags } from "./flags.ts";
import { addLocalCommands } from "./local-program.ts";
import { addDevFlags, addFlags } from "./options.ts";
import { triggerFlags } from "./trigger-flags.ts";
import { formatItem } from "./ui/help-item.ts";
import { printMessage } from "./ui/message.ts";
import type { Terminal } from "./ui/terminal.ts";
import { wrap } from "./ui/wrap.ts";

export interface ProgramContext {
  readonly terminal: Terminal;
  /** Forked before the arguments were parsed, for commands that start a session. */
  readonly host: HostProcess | undefined;
}

/** Runs the command that `args` name; returns the exit code. */
export async function runProgram(
  args: readonly string[],
  context: ProgramContext,
): Promise<number> {
  let code: number = ExitCode.ok;
  const program = createProgram(context, (result) => {
    code = result;
  });
  try {
    const { args: normalised, ignored } = normaliseArguments(args);
    if (ignored.length > 0) {
      const text = `Ignored what stands behind "--", as wrangler does: ${ignored.join(" ")}`;
      printMessage(context.terminal, "warning", text);
    }
    const read = readCommandWords(program, normalised);
    await program.parseAsync(read, { from: "user" });
  } catch (error) {
    // Printed by commander already: help and version (0), or what is wrong with the arguments.
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 || hasCode(error, "commander.help") ? ExitCode.ok : ExitCode.config;
  }
  return code;
}

function changeDirectory(folder: string): void {
  try {
    process.chdir(folder);
  } catch (error) {
    throw new UserError("FLAG_VALUE", `--cwd: ${messageOf(error)}`, { exitCode: ExitCode.config });
  }
}

export function createProgram(
  { terminal, host }: ProgramContext,
  setCode: (code: number) => void,
): Command {
  const version = readVersion();
  const program = new Command("drover")
    .description("Run many Cloudflare Workers on your machine")
    .version(version, "-v, --version")
    .option("--cwd <dir>", "run as if started in this folder")
    .configureOutput({
      writeOut: (text) => terminal.print(text.trimEnd()),
      writeErr: (text) => terminal.print(wrap(text.trimEnd(), terminal.errorWidth), "stderr"),
      getOutHelpWidth: () => terminal.width,
      getErrHelpWidth: () => terminal.errorWidth,
    })
    .configureHelp({ formatItem, subcommandTerm: (command) => command.name() })
    .exitOverride()
    .hook("preAction", () => {
      const { cwd } = program.opts<{ cwd?: string }>();
      if (cwd !== undefined) changeDirectory(cwd);
    });

  addDevFlags(
    program.command("dev").argument("[script]", "entry file, instead of the config's main"),
  )
    .description("run Workers and reload them on every change")
    .action(async (script: string | undefined, values: Record<string, unknown>) => {
      const { runDev } = await import("./commands/dev.ts");
      setCode(await runDev(script, values, { terminal, version, host }));
    });

  addDevFlags(program.command("smoke"))
    .description("start Workers, check them, end; for CI")
    .option(
      "--check <check...>",
      'what to request and to expect: "[worker:]METHOD /path STATUS [contains:text]"',
    )
    .option("--checks <file>", "file of checks (default: drover.smoke.jsonc, if it is there)")
    .option("--timeout <seconds>", "how long everything may take (default: 60)")
    .option("--json <file>", "write the results as JSON")
    .option("--junit <file>", "write the results as JUnit XML")
    .action(async (values: Record<string, unknown>) => {
      const { runSmoke } = await import("./commands/smoke.ts");
      setCode(await runSmoke(values, { terminal, version, host }));
    });

  program
    .command("init")
    .description("create a project")
    .argument("[dir]", "folder, new or empty", ".")
    .addOption(templateOption())
    .action(async (dir: string, values: { template: string }) => {
      const { runInit } = await import("./commands/init.ts");
      setCode(await runInit(dir, values.template, terminal));
    });

  addFlags(program.command("types"), typesFlags)
    .description("generate TypeScript types from configs")
    .argument("[path]", "file to write (default: worker-configuration.d.ts)")
    .action(async (path: string | undefined, values: object) => {
      const { runTypes } = await import("./commands/types.ts");
      setCode(await runTypes(path, values, { terminal, version }));
    });

  program
    .command("status")
    .description("show what the Workers of running sessions are connected to")
    .argument("[url]", "URL or port of one session")
    .option("--json", "as JSON")
    .action(async (url: string | undefined, values: { json?: boolean }) => {
      const { runStatus } = await import("./commands/status.ts");
      setCode(await runStatus(url, values.json === true, { terminal, version }));
    });

  addFlags(program.command("logs"), logsFlags)
    .description("show what the Workers of running sessions have said")
    .argument("[url]", "URL or port of one session")
    .action(async (url: string | undefined, values: object) => {
      const { runLogs } = await import("./commands/logs.ts");
      setCode(await runLogs(url, values, { terminal, version }));
    });

  program
    .command("call")
    .description("call a method of a running Worker by RPC")
    .argument("<method>", "worker#Entrypoint.method, or worker.method for the default export")
    .argument("[args...]", "its arguments, each as JSON")
    .option("--json", "print the result as JSON")
    .action(async (method: string, args: readonly string[], values: { json?: boolean }) => {
      const { runCall } = await import("./commands/call.ts");
      setCode(await runCall(method, args, values, { terminal, version }));
    });

  addFlags(program.command("trigger"), triggerFlags)
    .description("have a running Worker handle an event")
    .argument("<worker>", "name of the Worker")
    .addArgument(new Argument("<event>", "which event").choices(["scheduled", "queue", "email"]))
    .argument("[queue]", "queue: what the batch is from")
    .argument("[messages...]", "queue: the bodies of its messages, each as JSON")
    .action(
      async (
        worker: string,
        type: "scheduled" | "queue" | "email",
        queue: string | undefined,
        bodies: readonly string[],
        values: object,
      ) => {
        const { runTrigger, eventOf } = await import("./commands/trigger.ts");
        setCode(
          await runTrigger(worker, eventOf(type, queue, bodies, values), { terminal, version }),
        );
      },
    );

  addFlags(program.command("doctor"), doctorFlags)
    .description("check versions, ports, registry, local state and configs")
    .action(async (values: object) => {
      const { runDoctor } = await import("./commands/doctor.ts");
      setCode(await runDoctor(values, { terminal, version }));
    });

  program
    .command("completion")
    .description("print a completion script")
    .addArgument(new Argument("<shell>", "for which shell").choices(["bash", "zsh", "fish"]))
    .action(async (shell: Shell) => {
      const { completedCommands } = await import("./completion/model.ts");
      const { completionScript } = await import("./completion/scripts.ts");
      terminal.print(completionScript(shell, completedCommands(program)).trimEnd());
    });

  addFlags(program.command("graph"), graphFlags)
    .description("show the Workers of the workspace and what they bind of each other")
    .action(async (values: object) => {
      const { runGraph } = await import("./commands/graph.ts");
      setCode(await runGraph(values, terminal));
    });

  const registry = program
    .command("registry")
    .description("list the Workers of all sessions of this user")
    .option("--json", "as JSON")
    .action(async (values: { json?: boolean }) => {
      const { runRegistryList } = await import("./commands/registry.ts");
      setCode(await runRegistryList(values.json === true, { terminal, version }));
    });
  registry
    .command("stop")
    .description("end the registry's process; sessions go on")
    .action(async () => {
      const { runRegistryStop } = await import("./commands/registry.ts");
      setCode(await runRegistryStop({ terminal, version }));
    });

  addLocalCommands(program, { terminal, setCode, version });

  addHelp(program, []);
  return program;
}

/** Its choices are for help and completion; init.ts refuses others, with a suggestion. */
function templateOption(): Option {
  const option = new Option("--template <name>", "what to start from").default("two-workers");
  option.argChoices = [
    "single",
    "two-workers",
    "assets",
    "d1",
    "durable-objects",
    "queue",
    "testing",
  ];
  return option;
}

/** What stands behind errors, and examples at the end of each command's help. */
function addHelp(command: Command, words: readonly string[]): void {
  const shown =
    words.length === 0
      ? "all commands"
      : command.commands.length > 0
        ? "its commands"
        : "its arguments";
  command.showHelpAfterError(
    `(${["drover", ...words, "--help"].join(" ")} shows ${shown} and flags)`,
  );
  const examples = EXAMPLES[words.join(" ")];
  if (examples !== undefined) {
    const lines = examples.map((example) => `  ${example}`).join("\n");
    command.addHelpText("after", `\nExamples:\n${lines}`);
  }
  for (const child of command.commands) addHelp(child, [...words, child.name()]);
}
