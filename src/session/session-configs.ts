/** Reads the configs of a session, all at the start and one again after a change. */
import { type ConfigSource, flagsForWorker } from "../config/flags.ts";
import { checkQueueConsumers } from "../config/queues.ts";
import { checkDuplicateNames, resolveConfig, resolveConfigs } from "../config/resolve.ts";
import type { ResolvedConfig } from "../config/types.ts";
import type { DevSessionOptions } from "./session-options.ts";
import { assertSupported } from "./strict.ts";

type Options = Pick<DevSessionOptions, "sources" | "flags" | "strict">;

/** @throws UserError what resolveConfigs throws; with `strict` also what drover does not support */
export function readConfigs({ sources, flags, strict }: Options): ResolvedConfig[] {
  const all = resolveConfigs(sources, flags);
  const bound = new Set(all.flatMap(({ services }) => services.map(({ service }) => service)));
  // A stand-in that nobody binds is no Worker of the session; the command says so.
  const configs = all.filter(({ name }, index) => !isStandIn(sources[index]) || bound.has(name));
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
  const name = inForce[index]?.name;
  // Stand-ins come last, and some of them may have been left out.
  const standIn = sources.find((source) => "standIn" in source && source.standIn.name === name);
  const source = standIn ?? sources[index];
  if (source === undefined) throw new Error(`There is no config at ${index}`);
  const workerNames = inForce.map(({ name }) => name);
  const config = resolveConfig(source, flagsForWorker({ ...flags, workerNames }, index));
  if (strict) assertSupported([config]);
  const all = inForce.map((other, at) => (at === index ? config : other));
  checkDuplicateNames(all, flags.cwd ?? process.cwd());
  checkQueueConsumers(all);
  return config;
}

function isStandIn(source: ConfigSource | undefined): boolean {
  return source !== undefined && "standIn" in source;
}
