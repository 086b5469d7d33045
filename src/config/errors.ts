/**
 * Every error that reading configs can throw: always a UserError with exit code 2. The codes are
 * part of the public surface (docs/errors.md); messages are not.
 */
import { ExitCode, UserError } from "../util/errors.ts";

export type ConfigErrorCode =
  /** No `-c`, and no config in the folder or above it. */
  | "CONFIG_NOT_FOUND"
  /** The file given with `-c` does not exist or cannot be read. */
  | "CONFIG_NOT_READABLE"
  /** The path given with `-c` is a folder. */
  | "CONFIG_IS_DIRECTORY"
  /** Neither .toml, .json nor .jsonc. */
  | "CONFIG_UNKNOWN_EXTENSION"
  /** Broken TOML or JSON. */
  | "CONFIG_SYNTAX"
  /** Parsed, but one or more values are wrong. */
  | "CONFIG_INVALID"
  /** The chosen environment is not in the file. */
  | "CONFIG_ENVIRONMENT_NOT_FOUND"
  /** `.wrangler/deploy/config.json` is broken or points nowhere. */
  | "CONFIG_REDIRECT"
  /** `--strict`, and something in a config is not supported yet. */
  | "CONFIG_UNSUPPORTED"
  /** Two configs of one session have the same Worker name. */
  | "CONFIG_DUPLICATE_NAME"
  /** No `main` and no script given. */
  | "CONFIG_ENTRY_MISSING"
  | "CONFIG_ENTRY_NOT_FOUND"
  | "CONFIG_ENTRY_IS_DIRECTORY"
  /** The entry is of a kind that drover cannot run (Python). */
  | "CONFIG_ENTRY_UNSUPPORTED"
  /** A command-line flag or environment variable has a value that cannot be used. */
  | "FLAG_VALUE";

/** A user's mistake in a config, a flag or a var file; exits with code 2. */
export function createConfigError(
  code: ConfigErrorCode,
  message: string,
  options: { hint?: string; cause?: unknown } = {},
): UserError<ConfigErrorCode> {
  return new UserError(code, message, { ...options, exitCode: ExitCode.config });
}
