import { $ } from "kleur/colors";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { formatBindings } from "../../../src/cli/ui/bindings-table.ts";
import { visibleWidth } from "../../../src/cli/ui/terminal.ts";
import type { ConnectionRow } from "../../../src/session/status.ts";
import { resolvedConfig, service } from "../../helpers/resolved-config.ts";

const WIDE = Number.POSITIVE_INFINITY;

const config = resolvedConfig({
  rows: [
    { name: "NAME_1", value: "CLASS_1", resource: "Durable Object", mode: "local" },
    {
      name: "NAME_2",
      value: "CLASS_2, defined in SCRIPT_A",
      resource: "Durable Object",
      mode: "local",
    },
    { name: "MODE", value: '"dev"', resource: "Environment Variable", mode: "local" },
  ],
  services: [service("WorkerA", "A"), service("NAMED", "my-worker", "MyEntrypoint")],
});

function row(changes: Partial<ConnectionRow>): ConnectionRow {
  return {
    binding: "X",
    kind: "service",
    service: "A",
    target: undefined,
    connected: true,
    reason: undefined,
    ...changes,
  };
}

const connections = [
  row({ binding: "WorkerA", connected: false, reason: 'no Worker "A" is running' }),
  row({ binding: "NAMED" }),
  row({ binding: "NAME_2", kind: "durable-object", connected: false, reason: "not there" }),
];

let enabled: boolean;
beforeEach(() => {
  enabled = $.enabled;
  $.enabled = false;
});
afterEach(() => {
  $.enabled = enabled;
});

describe("the bindings table", () => {
  test("has wrangler's columns, service bindings before variables, and reasons", () => {
    expect(formatBindings(config, connections, { name: undefined, width: WIDE })).toBe(
      [
        "Your Worker has access to the following bindings:",
        "Binding                                        Resource                  Mode",
        "env.NAME_1 (CLASS_1)                           Durable Object            local",
        "env.NAME_2 (CLASS_2, defined in SCRIPT_A)      Durable Object            local [not connected] (not there)",
        'env.WorkerA (A)                                Worker                    local [not connected] (no Worker "A" is running)',
        "env.NAMED (my-worker#MyEntrypoint)             Worker                    local [connected]",
        'env.MODE ("dev")                               Environment Variable      local',
      ].join("\n"),
    );
  });

  test("moves values to lines of their own when the terminal is narrow", () => {
    const text = formatBindings(config, connections, { name: "api", width: 70 });
    expect(text.split("\n").slice(0, 4)).toEqual([
      "api has access to the following bindings:",
      "Binding        Resource                Mode",
      "env.NAME_1     Durable Object          local",
      "  (CLASS_1)",
    ]);
  });

  test("has the same columns with colours", () => {
    const plain = formatBindings(config, connections, { name: undefined, width: WIDE });
    $.enabled = true;
    const colored = formatBindings(config, connections, { name: undefined, width: WIDE });
    expect(colored).not.toBe(plain);
    expect(colored.split("\n").map(visibleWidth)).toEqual(plain.split("\n").map(visibleWidth));
  });

  test("says nothing about a Worker without bindings", () => {
    expect(formatBindings(resolvedConfig(), [], { name: undefined, width: WIDE })).toBe("");
  });

  test("lists tail consumers below", () => {
    const tails = [row({ binding: undefined, kind: "tail", service: "logs" })];
    expect(formatBindings(resolvedConfig(), tails, { name: "api", width: WIDE })).toBe(
      "api is sending Tail events to the following Workers:\n- logs [connected]",
    );
  });
});
