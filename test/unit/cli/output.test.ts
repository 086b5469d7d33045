import { $ } from "kleur/colors";
import { beforeEach, describe, expect, test } from "vitest";
import { formatResults } from "../../../src/cli/smoke/report.ts";
import { formatBanner, formatBox } from "../../../src/cli/ui/banner.ts";
import type { LogLevel } from "../../../src/cli/ui/log-level.ts";
import { chooseLogLevel } from "../../../src/cli/ui/log-level.ts";
import { formatMessage } from "../../../src/cli/ui/message.ts";
import { Reporter } from "../../../src/cli/ui/reporter.ts";
import { formatRequestLine } from "../../../src/cli/ui/request-line.ts";
import { createTerminal, visibleWidth, wantsColors } from "../../../src/cli/ui/terminal.ts";
import type { LogEntry } from "../../../src/protocol/thread.ts";
import type { SessionEvent } from "../../../src/session/events.ts";
import { resolvedConfig } from "../../helpers/resolved-config.ts";

beforeEach(() => {
  $.enabled = false;
});

function recordingTerminal(isTTY = false) {
  const writes: [string, string][] = [];
  const terminal = createTerminal({
    stdout: { write: (text) => writes.push(["out", text]), isTTY },
    stderr: { write: (text) => writes.push(["err", text]) },
    stdinIsTTY: isTTY,
  });
  return {
    terminal,
    writes,
    text: () => {
      terminal.flush();
      return writes.map(([, text]) => text).join("");
    },
  };
}

/** A reporter of a session with these Workers, and what it has printed. */
function recordingReporter(names: string[], level: LogLevel = "log", isTTY = false) {
  const output = recordingTerminal(isTTY);
  const workers = names.map((name) => ({ name, config: resolvedConfig({ name }) }));
  const reporter = new Reporter({
    terminal: output.terminal,
    level,
    cwd: "/project",
    session: () => ({
      workers,
      connections: () => [],
      leniencies: () => [],
      stateRoot: "/state/v3",
    }),
  });
  return { ...output, report: (event: SessionEvent) => reporter.report(event) };
}

function log(level: LogEntry["level"], text: string, worker = "api"): SessionEvent {
  return { type: "log", worker, entry: { kind: "console", level, text, time: 0 } };
}

describe("the terminal", () => {
  test("writes the lines of one turn at once, in order, per stream", () => {
    const { terminal, writes } = recordingTerminal();
    terminal.print("a");
    terminal.print("b");
    terminal.print("c", "stderr");
    terminal.print("d");
    expect(writes).toEqual([]);
    terminal.flush();
    expect(writes).toEqual([
      ["out", "a\nb\n"],
      ["err", "c\n"],
      ["out", "d\n"],
    ]);
  });

  test("does not count colours and counts wide signs once", () => {
    expect(visibleWidth("\x1b[31m✘\x1b[0m ab")).toBe(4);
  });

  test.each([
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: "1" }, true, false],
    [{ FORCE_COLOR: "1", NO_COLOR: "1" }, false, true],
    [{ FORCE_COLOR: "0" }, true, false],
    [{ TERM: "dumb" }, true, false],
  ])("with %j and a terminal: %s has colours: %s", (env, isTTY, expected) => {
    expect(wantsColors(env, isTTY)).toBe(expected);
  });
});

describe("console output of a Worker", () => {
  test("has the Worker's name on every line when there are several Workers", () => {
    const { report, text } = recordingReporter(["api", "auth"]);
    report(log("log", "one\ntwo"));
    report(log("warn", "careful\nmore", "auth"));
    report(log("error", "bad"));
    report(log("debug", "detail"));
    expect(text().trimEnd().split("\n")).toEqual([
      "[api] one",
      "[api] two",
      "[auth] ▲ [WARNING] careful",
      "[auth] more",
      "[api] ✘ [ERROR] bad",
      "[api] detail",
    ]);
  });

  test("is as it is when there is one Worker", () => {
    const { report, text } = recordingReporter(["api"]);
    report(log("log", "one\n  two"));
    expect(text()).toBe("one\n  two\n");
  });

  test.each<[LogLevel, string[]]>([
    ["debug", ["l", "i", "d", "w", "e"]],
    ["log", ["l", "i", "d", "w", "e"]],
    ["info", ["i", "d", "w", "e"]],
    ["warn", ["w", "e"]],
    ["error", ["e"]],
    ["none", []],
  ])("at --log-level %s", (level, expected) => {
    const { report, text } = recordingReporter(["api"], level);
    for (const [method, letter] of [
      ["log", "l"],
      ["info", "i"],
      ["debug", "d"],
      ["warn", "w"],
      ["error", "e"],
    ] as const) {
      report(log(method, letter));
    }
    const letters = text()
      .split("\n")
      .filter(Boolean)
      .map((line) => line.at(-1));
    expect(letters).toEqual(expected);
  });
});

test("the Ready line is what scripts wait for; other Workers follow with their addresses", () => {
  const { report, text } = recordingReporter(["api", "auth"]);
  report({
    type: "ready",
    ready: {
      protocol: "http",
      ip: "localhost",
      port: 8787,
      url: "http://localhost:8787",
      workers: [
        { name: "api", url: "http://localhost:8787" },
        { name: "auth", url: "http://auth.localhost:8787" },
      ],
    },
  });
  expect(text()).toBe(
    "[drover:info] Ready on http://localhost:8787\n[drover:info] - auth: http://auth.localhost:8787\n",
  );
  expect(/Ready on (https?:\/\/\S+)/.exec(text())?.[1]).toBe("http://localhost:8787");
});

test("a reload is one line with the Worker and the time", () => {
  const { report, text } = recordingReporter(["api", "auth"]);
  report({
    type: "loaded",
    worker: "auth",
    generation: 2,
    entrypoints: [],
    cause: "change",
    ms: 11.6,
  });
  report({
    type: "loaded",
    worker: "api",
    generation: 1,
    entrypoints: [],
    cause: "start",
    ms: 200,
  });
  expect(text()).toBe("⎔ Local server updated and ready (auth, 12 ms)\n");
});

test.each([
  [["api"], "⎔ Nothing to reload (unchanged, 3 ms)\n"],
  [["api", "auth"], "⎔ Nothing to reload (api, unchanged, 3 ms)\n"],
])("a save of %j that changes nothing in the bundle is one line for people", (names, line) => {
  const unchanged = { type: "unchanged", worker: "api", recovered: false, ms: 3.2 } as const;
  const people = recordingReporter(names, "log", true);
  people.report(unchanged);
  expect(people.text()).toBe(line);
  const ci = recordingReporter(names);
  ci.report(unchanged);
  expect(ci.text()).toBe("");
  const debug = recordingReporter(names, "debug");
  debug.report(unchanged);
  expect(debug.text()).toBe(line);
});

test("unsupported keys are listed with their places, once", () => {
  const config = resolvedConfig({
    name: "api",
    unsupported: [
      {
        key: "access",
        effect: "Access is not simulated.",
        position: { file: "/project/wrangler.toml", line: 7, column: 1 },
      },
    ],
  });
  const { report, text } = recordingReporter(["api"]);
  report({ type: "configured", workers: [config] });
  report({ type: "config-reloaded", worker: "api", config });
  expect(text().match(/wrangler\.toml:7 access {2}Access is not simulated\./g)).toHaveLength(1);
});

test("a dead host is blamed on the Workers that ran", () => {
  const { report, text } = recordingReporter(["api", "auth"]);
  report({
    type: "host-died",
    death: {
      reason: "killed by SIGABRT",
      blamed: ["auth"],
      detail:
        "\nFATAL ERROR: invalid array length Allocation failed - JavaScript heap out of memory\n",
      restartInMs: 0,
    },
  });
  expect(text()).toContain("killed by SIGABRT (invalid array length Allocation failed");
  expect(text()).toContain("Running at that moment: auth.");
});

test("a request is one line; the Worker is named when there are several", () => {
  const entry = {
    worker: "api",
    method: "GET",
    path: "/a",
    status: 404,
    statusText: "Not Found",
    durationMs: 2.6,
    aborted: false,
    cut: false,
  };
  expect(formatRequestLine(entry, false)).toBe("[drover:info] GET /a 404 Not Found (3ms)");
  expect(formatRequestLine({ ...entry, statusText: "" }, true)).toBe(
    "[drover:info] [api] GET /a 404 (3ms)",
  );
  expect(formatRequestLine({ ...entry, aborted: true }, false)).toMatch(/\(3ms\) client gone$/);
  expect(formatRequestLine({ ...entry, cut: true }, false)).toMatch(/\(3ms\) cut off$/);
});

test("the banner's rule is as wide as its title", () => {
  const [, title = "", rule = ""] = formatBanner("1.2.3").split("\n");
  expect(title).toBe(" ⛅️ drover 1.2.3");
  expect(rule).toBe("─".repeat(visibleWidth(title)));
});

test("a box stacks its items when the terminal is narrow", () => {
  expect(formatBox(["[b] open", "[x] to exit"], 80)).toBe(
    ["╭────────────────────────╮", "│  [b] open [x] to exit  │", "╰────────────────────────╯"].join(
      "\n",
    ),
  );
  expect(formatBox(["[b] open", "[x] to exit"], 20).split("\n")).toHaveLength(4);
});

test("messages have a head line and an indented rest", () => {
  expect(formatMessage("error", "What\nwhy\n\nhow")).toBe("✘ [ERROR] What\n\n  why\n\n  how\n");
  expect(formatMessage("warning", "What")).toBe("▲ [WARNING] What");
});

test("WRANGLER_LOG chooses the level unless the flag does; nonsense is told", () => {
  expect(chooseLogLevel(undefined, "warn").level).toBe("warn");
  expect(chooseLogLevel("error", "warn").level).toBe("error");
  expect(chooseLogLevel(undefined, "loud")).toMatchObject({
    level: "log",
    warning: expect.stringContaining('Unrecognised WRANGLER_LOG value "loud"'),
  });
});

test("the smoke table has a mark, a name and a time per row, reasons below", () => {
  expect(
    formatResults([
      { what: "api is ready", failure: undefined },
      { what: "GET / 200", failure: "status 500", ms: 3.4 },
    ]),
  ).toBe("\n  ✓ api is ready\n  ✘ GET / 200     3 ms\n      status 500\n\nsmoke: 1 of 2 failed");
});
