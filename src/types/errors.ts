/** What can be wrong with `drover types`; wrangler ends with 1 for all of it. */
import { ExitCode, UserError } from "../util/errors.ts";

export type TypesErrorCode =
  | "CONFIG_ENVIRONMENT_NOT_FOUND"
  | "CONFIG_INVALID"
  | "CONFIG_NOT_FOUND"
  | "FLAG_REFUSED"
  | "FLAG_VALUE"
  | "RUNTIME_TYPES_NOT_FOUND"
  | "TYPES_FOREIGN_FILE"
  | "TYPES_NOT_WRITABLE"
  | "TYPES_OUT_OF_DATE";

export function typesError(
  code: TypesErrorCode,
  message: string,
  hint?: string,
): UserError<TypesErrorCode> {
  return new UserError(code, message, {
    exitCode: ExitCode.internal,
    ...(hint === undefined ? {} : { hint }),
  });
}
