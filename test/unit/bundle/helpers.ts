import { realpathSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "vitest";
import type { BuildFailure, BuildResult, BuildSuccess } from "../../../src/bundle/build-result.ts";
import type { ResolvedConfig } from "../../../src/config/types.ts";
import { resolvedConfig } from "../../helpers/resolved-config.ts";
import { type TempProject, tempProject } from "../../helpers/temp-project.ts";

/** A project whose folder has its real path, as configs have. */
export async function project(files: Record<string, string>): Promise<TempProject> {
  const made = await tempProject(files);
  expect(realpathSync(made.dir)).toBe(made.dir);
  return made;
}

/** What src/config makes of a minimal config with `main = "src/index.ts"`, with changes. */
export function config(dir: string, changes: Partial<ResolvedConfig> = {}): ResolvedConfig {
  const main = changes.main ?? join(dir, "src/index.ts");
  return resolvedConfig({
    configPath: join(dir, "wrangler.toml"),
    root: dir,
    main,
    findAdditionalModules: changes.noBundle ?? false,
    baseDir: dirname(main),
    watchFiles: [],
    // No date at which Node's modules are emulated: `evaluate` would give their globals to this process.
    compatibilityDate: "2026-06-01",
    ...changes,
  });
}

export function good(result: BuildResult): BuildSuccess {
  if (!result.ok) throw new Error(result.text);
  return result;
}

export function bad(result: BuildResult): BuildFailure {
  if (result.ok) throw new Error("The build should have failed");
  return result;
}

/** The entry's code. */
export function code(result: BuildResult): string {
  return String(good(result).bundle.modules[0]?.contents);
}

/** Additional modules as [name, kind, contents]. */
export function additional(result: BuildResult): [string, string, string | Uint8Array][] {
  return good(result)
    .bundle.modules.slice(1)
    .map(({ name, kind, contents }) => [name, kind, contents]);
}

/** Runs a bundle that imports nothing but Node's modules; its exports. */
export async function evaluate(result: BuildResult): Promise<Record<string, unknown>> {
  const dir = await mkdtemp(join(tmpdir(), "drover-bundle-"));
  try {
    const file = join(dir, "bundle.mjs");
    await writeFile(file, code(result));
    return (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Record<string, unknown>;
  } finally {
    await rm(dir, { recursive: true });
  }
}
