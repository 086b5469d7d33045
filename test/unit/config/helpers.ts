import type { ConfigFlags } from "../../../src/config/flags.ts";
import { resolveConfig } from "../../../src/config/resolve.ts";
import type { ResolvedConfig } from "../../../src/config/types.ts";
import { UserError } from "../../../src/util/errors.ts";
import { tempProject } from "../../helpers/temp-project.ts";

/** Files of a test project; a missing `src/index.ts` is added. */
export type Files = Record<string, string>;

/** Resolves the first config among `files` in a folder of its own; `cwd` is that folder. */
export async function resolveFiles(
  files: Files,
  flags: ConfigFlags & { configPath?: string } = {},
): Promise<ResolvedConfig> {
  await using project = await tempProject({ "src/index.ts": "export default {}", ...files });
  const { configPath = Object.keys(files)[0] ?? "", ...rest } = flags;
  return resolveConfig({ path: configPath }, { cwd: project.dir, processEnv: {}, ...rest });
}

/** The error that `run` throws; fails if it is no UserError with exit code 2. */
export async function configErrorOf(
  run: () => unknown,
): Promise<{ code: string; message: string; hint: string | undefined }> {
  let result: unknown;
  try {
    result = await run();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    if (error.exitCode !== 2) throw new Error(`exit code ${error.exitCode}`);
    return { code: error.code, message: error.message, hint: error.hint };
  }
  throw new Error(`Expected a UserError, got ${JSON.stringify(result)}`);
}

/** A config that is fine but for the lines in question. */
export const GOOD_TOML: string =
  'name = "w"\nmain = "src/index.ts"\ncompatibility_date = "2026-01-01"\n';

/** `line:column` of a warning, for compact tables. */
export function places(items: ResolvedConfig["warnings" | "unsupported"]): (string | undefined)[] {
  return items.map(({ position }) => position && `${position.line}:${position.column}`);
}
