/** What a flag of a command is; the flags themselves: flags.ts. */

/** "list": several values at once, and again. "repeated": one value each time. "optional": only behind `=`. */
type FlagKind = "boolean" | "string" | "number" | "list" | "repeated" | "optional";

export interface Flag {
  readonly name: string;
  readonly short?: string;
  readonly kind: FlagKind;
  readonly value?: string;
  readonly help: string;
  readonly choices?: readonly string[];
  /** Accepted, but left out of --help. */
  readonly hidden?: boolean;
  /** Accepted without effect; said to the user. "" for those whose absence changes nothing. */
  readonly ignored?: string;
  /** `--no-name` is no flag. */
  readonly unnegated?: boolean;
  /** Refused: running without it would be something else than what was asked for. */
  readonly refused?: string;
}
