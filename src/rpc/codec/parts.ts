/**
 * What the encoder has made of a value so far (docs/protocol.md, "Payloads"): copies of objects met
 * before, operations that fill holes at the other end, capabilities, and an upper bound of the size.
 */
import type { FoundCap } from "../contracts/payload.ts";
import { Fix } from "../frames.ts";
import { unsupported } from "./errors.ts";

/** Stands for a value that an operation puts there; `hole` says which. */
export const HOLE: unique symbol = Symbol("hole");
/** Remembered for a value type while it is being walked. */
export const IN_PROGRESS: unique symbol = Symbol("in progress");

export class PayloadParts {
  protected caps: FoundCap[] | undefined;
  protected fixes: unknown[][] | undefined;
  /** Index of the last hole; see Fix.patch. */
  protected hole = 0;
  /** Original -> copy, or index of the hole. */
  protected seen: Map<object, unknown> | undefined;
  /** Upper bound of the serialized size, bytes. */
  protected bytes = 16;
  #made = 0;

  protected fix(fix: unknown[]): void {
    if (this.fixes === undefined) this.fixes = [fix];
    else this.fixes.push(fix);
  }

  /** The last hole is in `container[key]`. */
  protected patch(container: object, key: string | number): void {
    this.fix([Fix.patch, container, key, this.hole]);
  }

  /** What was made of this object already; undefined if it is met for the first time. */
  protected known(value: object): unknown {
    const seen = this.seen?.get(value);
    if (seen === IN_PROGRESS) throw unsupported(value);
    if (typeof seen !== "number") return seen;
    this.hole = seen;
    return HOLE;
  }

  protected remember(value: object, copy: unknown): void {
    if (this.seen === undefined) this.seen = new Map();
    this.seen.set(value, copy);
  }

  protected addCap(cap: FoundCap): typeof HOLE {
    if (this.caps === undefined) this.caps = [];
    this.fixes ??= [];
    this.hole = this.caps.push(cap) - 1;
    this.bytes += 12;
    this.remember(cap.value, this.hole);
    return HOLE;
  }

  /** A value that a fix makes at the other end; call before walking into it or after. */
  protected madeValue(value: object): void {
    this.#made += 1;
    this.hole = -this.#made;
    this.remember(value, this.hole);
  }

  /** The payload's value, see EncodedValue; `out` is what was made of the whole. */
  protected rootOf(out: unknown): unknown {
    if (out === HOLE && this.hole >= 0) {
      // A capability and nothing else.
      this.fixes = undefined;
      return 0;
    }
    if (out === HOLE) {
      const box: unknown[] = [null];
      this.patch(box, 0);
      return box;
    }
    return this.fixes === undefined ? out : [out];
  }
}
