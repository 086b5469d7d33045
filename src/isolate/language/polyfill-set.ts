/** The set algebra of ES2025 for hosts that lack it. */
import { addMembers } from "./polyfill-define.ts";

interface SetLike {
  readonly size: number;
  has(value: unknown): boolean;
  keys(): Iterator<unknown>;
}

export function addSetMethods(): void {
  addMembers(Set.prototype, {
    union(this: Set<unknown>, other: SetLike): Set<unknown> {
      return new Set([...this, ...keysOf(other)]);
    },
    intersection(this: Set<unknown>, other: SetLike): Set<unknown> {
      const record = check(other);
      if (this.size <= record.size) return new Set([...this].filter((value) => record.has(value)));
      return new Set([...keysOf(record)].filter((value) => this.has(value)));
    },
    difference(this: Set<unknown>, other: SetLike): Set<unknown> {
      const record = check(other);
      return new Set([...this].filter((value) => !record.has(value)));
    },
    symmetricDifference(this: Set<unknown>, other: SetLike): Set<unknown> {
      const result = new Set(this);
      for (const value of keysOf(other)) {
        if (this.has(value)) result.delete(value);
        else result.add(value);
      }
      return result;
    },
    isSubsetOf(this: Set<unknown>, other: SetLike): boolean {
      const record = check(other);
      return this.size <= record.size && [...this].every((value) => record.has(value));
    },
    isSupersetOf(this: Set<unknown>, other: SetLike): boolean {
      return [...keysOf(other)].every((value) => this.has(value));
    },
    isDisjointFrom(this: Set<unknown>, other: SetLike): boolean {
      const record = check(other);
      return [...this].every((value) => !record.has(value));
    },
  });
}

function check(other: SetLike): SetLike {
  const isSetLike =
    typeof other === "object" &&
    other !== null &&
    !Number.isNaN(Number(other.size)) &&
    typeof other.has === "function" &&
    typeof other.keys === "function";
  if (!isSetLike) throw new TypeError("The argument must be a set-like object (size, has, keys).");
  return other;
}

function* keysOf(other: SetLike): Generator<unknown> {
  const keys = check(other).keys();
  for (let step = keys.next(); !step.done; step = keys.next()) yield step.value;
}
