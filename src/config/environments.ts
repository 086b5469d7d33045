/**
 * Chooses an environment of a config: inheritance key by key, the name suffix, warnings about what
 * is not inherited (spec/wrangler.md 2.2, 2.3).
 */

import { nearest } from "../util/nearest.ts";
import { NOT_INHERITABLE_FIELDS } from "./config-schema.ts";
import type { Diagnostics } from "./diagnostics.ts";
import { type ConfigPath, isEmpty, isTable } from "./document.ts";

/** A config as it applies to one environment. */
export interface EffectiveConfig {
  /** The environment that was asked for, found or not. */
  readonly environment: string | undefined;
  /** The checked file with the environment's values on top; no `env` key, and no empty ones. */
  readonly raw: Readonly<Record<string, unknown>>;
  /** Where a value of `raw` stands in the file: ["env", "prod", "vars", "A"] for ["vars", "A"]. */
  pathOf(path: ConfigPath): ConfigPath;
}

/**
 * @param value the whole file
 * @param environment name from `-c path@env`, `--env` or CLOUDFLARE_ENV; "" is the top level
 */
export function selectEnvironment(
  value: Readonly<Record<string, unknown>>,
  environment: string | undefined,
  diagnostics: Diagnostics,
): EffectiveConfig {
  const selected = select(value, environment, diagnostics);
  return { ...selected, raw: withoutEmpty(selected.raw) };
}

/** Keys with empty values left out, those of `dev` too; what is inside of others is the Worker's. */
function withoutEmpty(raw: EffectiveConfig["raw"]): EffectiveConfig["raw"] {
  // Empty `assets` are an error, which nothing else would tell.
  const kept = Object.entries(raw).filter(([key, value]) => key === "assets" || !isEmpty(value));
  return Object.fromEntries(
    kept.map(([key, value]) => [
      key,
      key === "dev" && isTable(value) ? withoutEmpty(value) : value,
    ]),
  );
}

function select(
  value: Readonly<Record<string, unknown>>,
  environment: string | undefined,
  diagnostics: Diagnostics,
): EffectiveConfig {
  const { env, ...top } = value;
  const wanted = environment === "" ? undefined : environment;
  const asIs = { environment: wanted, raw: top, pathOf: (path: ConfigPath) => path };
  if (wanted === undefined) return asIs;
  const environments = isTable(env) ? env : {};
  const chosen = Object.hasOwn(environments, wanted) ? environments[wanted] : undefined;
  if (!isTable(chosen)) {
    if (chosen === undefined) reportMissing(wanted, Object.keys(environments), diagnostics);
    // The top level stands in for the environment, but under the environment's name.
    return { ...asIs, raw: { ...top, ...suffixedName(top, wanted) } };
  }
  warnNotInherited(top, chosen, wanted, diagnostics);
  const raw: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(top)) {
    if (!Object.hasOwn(NOT_INHERITABLE_FIELDS, key)) raw[key] = item;
  }
  if (chosen.route !== undefined) delete raw.routes;
  if (chosen.routes !== undefined) delete raw.route;
  Object.assign(raw, suffixedName(top, wanted), chosen);
  return {
    environment: wanted,
    raw,
    pathOf: (path) =>
      path.length > 0 && Object.hasOwn(chosen, String(path[0])) ? ["env", wanted, ...path] : path,
  };
}

/** `<name>-<env>`; nothing if the top level has no name to put a suffix on. */
function suffixedName(top: Readonly<Record<string, unknown>>, environment: string): object {
  const { name } = top;
  return typeof name === "string" && name !== "" ? { name: `${name}-${environment}` } : {};
}

function reportMissing(wanted: string, names: readonly string[], diagnostics: Diagnostics): void {
  const available = names.map((name) => JSON.stringify(name)).join(",");
  const suggestion = nearest(wanted, names);
  const message =
    `No environment found in configuration with name "${wanted}".\n` +
    `Before using \`--env=${wanted}\` there should be an equivalent environment section in the configuration.`;
  if (names.length === 0) {
    diagnostics.warn(`${message}\nThe top-level environment is used instead.`);
    return;
  }
  const hint = suggestion === undefined ? "" : ` Did you mean "${suggestion}"?`;
  diagnostics.error(
    `${message}\nThe available configured environment names are: [${available}].${hint}`,
    ["env"],
    "key",
    "CONFIG_ENVIRONMENT_NOT_FOUND",
  );
}

function warnNotInherited(
  top: Readonly<Record<string, unknown>>,
  chosen: Readonly<Record<string, unknown>>,
  name: string,
  diagnostics: Diagnostics,
): void {
  for (const key of Object.keys(NOT_INHERITABLE_FIELDS)) {
    if (isEmpty(top[key])) continue;
    if (chosen[key] === undefined) {
      diagnostics.warn(
        `"${key}" exists at the top level, but not on "env.${name}".\n` +
          `This is not what you probably want, since "${key}" is not inherited by environments.\n` +
          `Please add "${key}" to "env.${name}".`,
        [key],
      );
    } else if (key === "vars" || key === "define") {
      warnMissingEntries(key, top[key], chosen[key], name, diagnostics);
    }
  }
}

function warnMissingEntries(
  key: string,
  top: unknown,
  chosen: unknown,
  name: string,
  diagnostics: Diagnostics,
): void {
  if (!isTable(top) || !isTable(chosen)) return;
  for (const entry of Object.keys(top)) {
    if (Object.hasOwn(chosen, entry)) continue;
    diagnostics.warn(
      `"${key}.${entry}" exists at the top level, but not on "env.${name}.${key}".\n` +
        `This is not what you probably want, since "${key}" configuration is not inherited by environments.\n` +
        `Please add "${key}.${entry}" to "env.${name}".`,
      [key, entry],
    );
  }
}
