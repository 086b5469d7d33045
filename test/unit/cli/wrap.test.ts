import { Command } from "commander";
import { $ } from "kleur/colors";
import { describe, expect, test } from "vitest";
import { formatItem } from "../../../src/cli/ui/help-item.ts";
import { printMessage } from "../../../src/cli/ui/message.ts";
import { createTerminal } from "../../../src/cli/ui/terminal.ts";
import { wrap } from "../../../src/cli/ui/wrap.ts";

describe("what is said is broken at the width of a terminal", () => {
  test.each<[string, string, number, string]>([
    ["at spaces", "one two three four five six seven", 30, "one two three four five six\nseven"],
    [
      "with the indentation of a body",
      "  one two three four five six seven",
      30,
      "  one two three four five six\n  seven",
    ],
    [
      "below the text of a list",
      "  - one two three four five six seven",
      30,
      "  - one two three four five\n    six seven",
    ],
    [
      "never within a URL",
      "see https://example.com/a/very/long/path/that/goes/on there",
      30,
      "see\nhttps://example.com/a/very/long/path/that/goes/on\nthere",
    ],
    [
      "never within a quoted path",
      'The file "/home/ada/my projects/api worker/x.ts" is missing',
      30,
      'The file\n"/home/ada/my projects/api worker/x.ts"\nis missing',
    ],
    [
      "not where source is shown",
      "    12 │ const answer = await fetch(url)",
      30,
      "    12 │ const answer = await fetch(url)",
    ],
    [
      "colours not counted",
      "\x1b[31mone two three\x1b[39m four five six",
      30,
      "\x1b[31mone two three\x1b[39m four five six",
    ],
    ["not in a pipe", "one two ".repeat(40), Number.POSITIVE_INFINITY, "one two ".repeat(40)],
    [
      "not where it is too narrow for anything",
      "one two three four five six",
      20,
      "one two three four five six",
    ],
  ])("%s", (_what, text, width, expected) => {
    expect(wrap(text, width)).toBe(expected);
  });

  test.each([
    [{ isTTY: true, columns: 40 }, "✘ [ERROR] one two three four five six\nseven eight\n"],
    [{ isTTY: false, columns: 40 }, "✘ [ERROR] one two three four five six seven eight\n"],
  ])("messages, where stderr is one: %j", (columns, expected) => {
    $.enabled = false;
    let written = "";
    const terminal = createTerminal({
      stdout: { write: () => true, isTTY: true, columns: 30 },
      stderr: {
        write: (text) => {
          written += text;
        },
        ...columns,
      },
      stdinIsTTY: true,
    });
    printMessage(terminal, "error", "one two three four five six seven eight");
    terminal.flush();
    expect(written).toBe(expected);
  });

  test.each([
    [
      100,
      "  --compatibility-date <date>  date of the runtime's behaviour, as the config says it or today",
    ],
    [
      65,
      "  --compatibility-date <date>  date of the runtime's behaviour,\n                               as the config says it or today",
    ],
    [
      50,
      "  --compatibility-date <date>\n      date of the runtime's behaviour, as the\n      config says it or today",
    ],
    [
      Number.POSITIVE_INFINITY,
      "  --compatibility-date <date>  date of the runtime's behaviour, as the config says it or today",
    ],
  ])("help, at %d columns", (helpWidth, expected) => {
    const help = new Command()
      .configureHelp({ formatItem, helpWidth })
      .option(
        "--compatibility-date <date>",
        "date of the runtime's behaviour, as the config says it or today",
      )
      .helpInformation();
    expect(help).toContain(`${expected}\n`);
  });
});
