/**
 * Payloads to values: runs the operations that the encoder left (docs/protocol.md, "Payloads").
 * Capabilities are live before this starts (session/caps.ts); here the holes are filled, errors
 * and instances of value types are made. Without operations a payload is its value, or its
 * one capability.
 */
import type { CodecCore } from "../contracts/codec.ts";
import { Fix } from "../frames.ts";
import { defineValue } from "./define.ts";
import { makeError } from "./errors.ts";

export interface Payload {
  readonly value: unknown;
  readonly fixes: readonly (readonly unknown[])[] | undefined;
}

/**
 * `caps`: the live capabilities of the payload, by index. Throws what a value type's `decode`
 * throws and a TypeError for rubbish.
 */
export function decode(
  core: CodecCore,
  payload: Payload,
  caps: readonly unknown[] | undefined,
): unknown {
  const { value, fixes } = payload;
  if (fixes === undefined) return caps === undefined ? value : caps[0];
  const made: unknown[] = [];
  for (const fix of fixes) apply(core, fix, caps, made);
  return (value as readonly unknown[])[0];
}

function apply(
  core: CodecCore,
  fix: readonly unknown[],
  caps: readonly unknown[] | undefined,
  made: unknown[],
): void {
  switch (fix[0]) {
    case Fix.patch: {
      const index = fix[3] as number;
      const value = index >= 0 ? caps?.[index] : made[-index - 1];
      setMember(fix[1] as object, fix[2] as string | number, value);
      return;
    }
    case Fix.error:
      made.push(makeError(fix[1] as string, fix[2] as string));
      return;
    case Fix.errorProps:
      assignProps(made[-(fix[1] as number) - 1] as object, fix[2] as Record<string, unknown>);
      return;
    case Fix.type: {
      const type = core.valueTypesByTag.get(fix[1] as string);
      if (type === undefined) throw new TypeError(`Unknown type in RPC message: ${String(fix[1])}`);
      made.push(type.decode((fix[2] as readonly unknown[])[0]));
      return;
    }
    case Fix.domException:
      made.push(makeDomException(fix[1] as string, fix[2] as string, fix[3]));
      return;
    case Fix.fillMap:
      for (const [key, member] of fix[2] as [unknown, unknown][]) {
        (fix[1] as Map<unknown, unknown>).set(key, member);
      }
      return;
    case Fix.fillSet:
      for (const member of fix[2] as unknown[]) (fix[1] as Set<unknown>).add(member);
      return;
    default:
      throw new TypeError("Unknown operation in RPC message");
  }
}

/** Never through a setter: `__proto__` is a name like any other. */
function setMember(container: object, key: string | number, value: unknown): void {
  if (key === "__proto__") {
    defineValue(container, key, value);
  } else {
    (container as Record<string | number, unknown>)[key] = value;
  }
}

/** Own properties of a sent error become plain own data properties (spec/rpc.md 2.4). */
function assignProps(error: object, props: Record<string, unknown>): void {
  for (const name of Object.keys(props)) {
    defineValue(error, name, props[name]);
  }
}

function makeDomException(name: string, message: string, stack: unknown): DOMException {
  const exception = new DOMException(message, name);
  if (typeof stack === "string") exception.stack = stack;
  return exception;
}
