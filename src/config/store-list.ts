/**
 * The stores that a config binds, for commands that work on local data: nothing of the Worker itself
 * has to be there or be right (entry, var files). Reads the user's own config, not what a build tool
 * generated from it.
 */
import { dirname, resolve } from "node:path";
import { Diagnostics } from "./diagnostics.ts";
import { isTable } from "./document.ts";
import { selectEnvironment } from "./environments.ts";
import { createConfigError } from "./errors.ts";
import { findConfig } from "./find.ts";
import type { ConfigFlags, ConfigSource } from "./flags.ts";
import { loadConfigFile } from "./load.ts";
import { STORE_SECTIONS, type StoreResourceKind, storeBinding } from "./stores.ts";
import { validateConfig } from "./validate.ts";

export interface ConfiguredStore {
  readonly kind: StoreResourceKind;
  readonly binding: string;
  /** Of the store that `drover dev` uses (spec/resources.md 3). */
  readonly id: string;
  /** As it stands in the config, checked. */
  readonly item: Readonly<Record<string, unknown>>;
}

export interface StoreList {
  /** Of the Worker; "" where the config gives none. */
  readonly name: string;
  /** Absolute path of the config. */
  readonly path: string;
  /** Its folder: what paths in it are relative to, and where its local state lies. */
  readonly root: string;
  readonly stores: readonly ConfiguredStore[];
}

/** @throws UserError exit code 2, code in ConfigErrorCode */
export function listStores(
  source: Extract<ConfigSource, { readonly path: string } | { readonly directory: string }>,
  flags: Pick<ConfigFlags, "cwd" | "env" | "processEnv">,
): StoreList {
  const cwd = resolve(flags.cwd ?? process.cwd());
  const path = "path" in source ? resolve(cwd, source.path) : find(resolve(cwd, source.directory));
  const document = loadConfigFile(path, cwd);
  const diagnostics = new Diagnostics(document, cwd);
  const processEnv = flags.processEnv ?? process.env;
  const environment = source.environment ?? flags.env ?? processEnv.CLOUDFLARE_ENV;
  validateConfig(document.value, environment || undefined, diagnostics);
  const { raw } = selectEnvironment(document.value, environment, diagnostics);
  diagnostics.throwIfFailed();
  const stores = STORE_SECTIONS.flatMap((key) => {
    const items = raw[key];
    return (Array.isArray(items) ? items : []).flatMap((item: unknown) => {
      if (!isTable(item)) return [];
      const binding = String(item.binding);
      const spec = storeBinding(key, binding, item);
      if (spec?.type !== "resource") return [];
      return [{ kind: spec.kind, binding, id: spec.id, item }];
    });
  });
  const name = typeof raw.name === "string" ? raw.name : "";
  return { name, path, root: dirname(path), stores };
}

function find(folder: string): string {
  const found = findConfig(folder);
  if (found !== undefined) return found.userPath ?? found.path;
  throw createConfigError(
    "CONFIG_NOT_FOUND",
    `No wrangler.json, wrangler.jsonc or wrangler.toml in ${folder} or above it.`,
    { hint: "Name one with -c." },
  );
}
