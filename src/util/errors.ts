/**
 * An error with a stable, documented `code`. Layers compare `code`, never `message` and never
 * `instanceof` across a thread or process seam (structured clone drops both).
 */
export abstract class CodedError<C extends string = string> extends Error {
  readonly code: C;
  /** What the user can do about it; printed below the message. */
  readonly hint: string | undefined;

  constructor(code: C, message: string, options: { cause?: unknown; hint?: string } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }
}

/** Something that the user can fix: printed without a stack, with its hint. */
export class UserError<C extends string = string> extends CodedError<C> {
  /** Process exit code that this error asks for; see docs/errors.md. */
  readonly exitCode: number;

  constructor(
    code: C,
    message: string,
    options: { cause?: unknown; hint?: string; exitCode?: number } = {},
  ) {
    super(code, message, options);
    this.exitCode = options.exitCode ?? ExitCode.internal;
  }
}
UserError.prototype.name = "UserError";

/** Documented process exit codes (docs/errors.md). */
export const ExitCode = {
  ok: 0,
  internal: 1,
  config: 2,
  build: 3,
  portTaken: 4,
  notReady: 5,
  checkFailed: 6,
} as const;

/** True if `error` carries this code, whichever realm or thread it came from. */
export function hasCode(error: unknown, code: string): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === code;
}

/** The text of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Compile-time exhaustiveness check of a union; throws if reached at run time. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected value: ${JSON.stringify(value)}`);
}
