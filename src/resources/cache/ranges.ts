/** `Range` of a request for a cached response (spec/resources.md 9). Pure. */
import type { Span } from "../r2/ranges.ts";

/** "whole": the header is as good as absent. "unusable": nothing of it can be met. */
export type Ranges = readonly [Span, ...Span[]] | "whole" | "unusable";

export function rangesOf(header: string, size: number): Ranges {
  const text = header.replace(/\s+/g, "").toLowerCase();
  if (text === "") return "whole";
  const [unit, list, ...more] = text.split("=");
  if (unit !== "bytes" || list === undefined || more.length > 0) return "unusable";
  if (list === "") return "whole";
  const spans: Span[] = [];
  for (const part of list.split(",")) {
    const [, first = "", last = ""] = /^(\d*)-(\d*)$/.exec(part) ?? [];
    if (first === "" && last === "") return "unusable";
    if (first === "") {
      const suffix = Number(last);
      if (suffix === 0 || suffix >= size) return "whole";
      spans.push({ offset: size - suffix, length: suffix });
      continue;
    }
    const from = Number(first);
    const to = last === "" ? size - 1 : Math.min(Number(last), size - 1);
    if (from >= size || (last !== "" && Number(last) < from)) return "unusable";
    spans.push({ offset: from, length: to - from + 1 });
  }
  return spans as [Span, ...Span[]];
}
