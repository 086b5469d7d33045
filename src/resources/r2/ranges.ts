/** Which bytes of an object are wanted (spec/resources.md 5.2). Pure. */
import type { R2Range } from "../../protocol/r2.ts";
import { r2Error } from "./errors.ts";

export interface Span {
  readonly offset: number;
  readonly length: number;
}

/** @throws Error 10039; a Range header that cannot be met gives the whole object instead */
export function spanOf(range: R2Range | undefined, size: number): Span {
  const whole = { offset: 0, length: size };
  if (range === undefined) return whole;
  if ("header" in range) return headerSpan(range.header, size) ?? whole;
  if ("suffix" in range) {
    if (range.suffix <= 0) throw r2Error("get", 10039);
    const length = Math.min(range.suffix, size);
    return { offset: size - length, length };
  }
  const { offset, length } = range;
  if (offset === undefined && length === undefined) return whole;
  const from = offset ?? 0;
  if (from >= size || length === 0) throw r2Error("get", 10039);
  return { offset: from, length: Math.min(length ?? size, size - from) };
}

function headerSpan(
  { first, last, suffix }: { first?: number; last?: number; suffix?: number },
  size: number,
): Span | undefined {
  if (suffix !== undefined) {
    if (suffix === 0 || size === 0) return undefined;
    const length = Math.min(suffix, size);
    return { offset: size - length, length };
  }
  if (first === undefined || first >= size || (last !== undefined && last < first)) {
    return undefined;
  }
  return { offset: first, length: Math.min(last ?? size - 1, size - 1) - first + 1 };
}
