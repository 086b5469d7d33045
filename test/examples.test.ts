import type { Command } from "commander";
import { expect, test } from "vitest";
import { normaliseArguments } from "../src/cli/arguments.ts";
import { EXAMPLES } from "../src/cli/examples.ts";
import { createProgram } from "../src/cli/program.ts";
import { droverCommands, fences } from "./helpers/documents.ts";

/** The program as it is, but for what its commands do. */
function parser(): { readonly program: Command; readonly printed: () => string } {
  const printed: string[] = [];
  const terminal = { print: (text: string) => printed.push(text) };
  const program = createProgram({ terminal: terminal as never, host: undefined }, () => {});
  const silence = (command: Command): void => {
    command.action(() => {});
    command.commands.forEach(silence);
  };
  program.commands.forEach(silence);
  return { program, printed: () => printed.join("\n") };
}

/** Undefined, or what the program says against the command line. */
async function complaint(words: readonly string[]): Promise<string | undefined> {
  const { program, printed } = parser();
  const { args, ignored } = normaliseArguments(words);
  if (ignored.length > 0) return `ignored ${ignored.join(" ")}`;
  try {
    await program.parseAsync([...args], { from: "user" });
    return undefined;
  } catch (error) {
    return `${error}\n${printed()}`;
  }
}

const documented = fences()
  .filter(({ language }) => language === "sh")
  .flatMap(({ at, text }) => droverCommands(text).map((words) => ({ at, words })));
const helped = Object.entries(EXAMPLES).flatMap(([command, lines]) =>
  lines.flatMap((line) =>
    // What a line does stands far behind it.
    droverCommands((line.split(/ {3,}/)[0] ?? "").replaceAll(/\$\((.*?)\)/g, "\n$1\n")).map(
      (words) => ({ at: `drover ${command} --help`, words }),
    ),
  ),
);

test("the program knows every command line of the documents and of its own help", async () => {
  expect(documented.length).toBeGreaterThan(15);
  expect(helped.length).toBeGreaterThan(30);
  for (const { at, words } of [...documented, ...helped]) {
    expect([at, words, await complaint(words)]).toEqual([at, words, undefined]);
  }
  expect(await complaint(["dev", "--no-such-flag"])).toContain("--no-such-flag");
  expect(await complaint(["nosuch"])).toContain("nosuch");
});
