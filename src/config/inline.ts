/**
 * A config that a program gives as an object, in place of a file (`startDev`, `createTestHarness`, `unstable_startWorker`): what a file of
 * JSON could say, copied, so that nothing changes behind the session's back.
 */
import { isTable } from "./document.ts";
import { createConfigError } from "./errors.ts";

/** Keys as in wrangler.jsonc. */
export type InlineConfig = Readonly<Record<string, unknown>>;

/**
 * Without what is undefined, as JSON has it.
 *
 * @throws UserError CONFIG_INVALID for a value that no file could hold
 */
export function readInlineConfig(config: InlineConfig): Record<string, unknown> {
  return copyTable(config, []);
}

/** What messages call it. */
export function titleOfInline({ name }: InlineConfig): string {
  return typeof name === "string" && name !== "" ? `the config of "${name}"` : "the config";
}

function copyTable(table: InlineConfig, path: readonly string[]): Record<string, unknown> {
  const entries = Object.entries(table).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([key, value]) => [key, copy(value, [...path, key])]));
}

function copy(value: unknown, path: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((each, at) => copy(each, [...path, String(at)]));
  if (isTable(value) && isPlain(value)) return copyTable(value, path);
  if (value === null || ["string", "number", "boolean"].includes(typeof value)) return value;
  const type = typeof value === "object" ? value.constructor.name : typeof value;
  throw createConfigError(
    "CONFIG_INVALID",
    `Expected "${path.join(".")}" of a config to be what JSON can say, but got a ${type}.`,
    {
      hint: "What a test plays in place of a binding goes into `bindings` (or `bindingOverrides`).",
    },
  );
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
