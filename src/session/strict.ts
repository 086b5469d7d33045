/** `--strict`: what drover does not support yet stops it, instead of being announced. */
import { createConfigError } from "../config/errors.ts";
import type { ResolvedConfig } from "../config/types.ts";

/** @throws UserError CONFIG_UNSUPPORTED (exit code 2) naming everything that would not work */
export function assertSupported(configs: readonly ResolvedConfig[]): void {
  const lines = configs.flatMap(({ unsupported }) =>
    unsupported.map(({ key, effect, position }) => {
      const place = position === undefined ? "" : `${position.file}:${position.line} `;
      return `- ${place}${key}: ${effect}`;
    }),
  );
  if (lines.length === 0) return;
  throw createConfigError(
    "CONFIG_UNSUPPORTED",
    `Not supported by drover yet:\n${lines.join("\n")}`,
    {
      hint: "Without --strict these are warnings.",
    },
  );
}
