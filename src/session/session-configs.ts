/** Reads the configs of a session, all at the start and one again after a change. */
import { flagsForWorker } from "../config/flags.ts";
import { checkQueueConsumers } from "../config/queues.ts";
import { checkDuplicateNames, resolveConfig, resolveConfigs } from "../config/resolve.ts";
import type { ResolvedConfig } from "../config/types.ts";
import type { DevSessionOptions } from "./session-options.ts";
import { assertSupported } from "./strict.ts";

type Options = Pick<DevSessionOptions, "sources" | "flags" | "strict">;

/** @throws UserError what resolveConfigs throws; with `strict` also what drover does not support */
export function readConfigs({ sources, flags, strict }: Options): ResolvedConfig[] {
  const configs = resolveConfigs(sources, flags);
  if (strict) assertSupported(configs);
  return configs;
}

/**
 * The config at `index` as it is now, beside those in force.
 *
 * @throws what resolveConfig throws, and CONFIG_DUPLICATE_NAME for a rename onto a sibling
 */
export function readConfigAgain(
  { sources, flags, strict }: Options,
  index: number,
  inForce: readonly ResolvedConfig[],
): ResolvedConfig {
  const source = sources[index];
  if (source === undefined) throw new Error(`There is no config at ${index}`);
  const workerNames = inForce.map(({ name }) => name);
  const config = resolveConfig(source, flagsForWorker({ ...flags, workerNames }, index));
  if (strict) assertSupported([config]);
  const all = inForce.map((other, at) => (at === index ? config : other));
  checkDuplicateNames(all, flags.cwd ?? process.cwd());
  checkQueueConsumers(all);
  return config;
}
