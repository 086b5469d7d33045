/**
 * The bundler of a Worker that consists of static assets: its code is an entrypoint without any
 * method, so that bindings to it answer as production's do. Its build command runs all the same.
 * In the session process, in place of bundler.ts.
 */
import type { ResolvedConfig } from "../config/types.ts";
import type { BundleModule } from "../protocol/bundle.ts";
import { hashModules } from "./bundle-hash.ts";
import type { Bundler } from "./bundler.ts";
import { createCustomBuild, type OutputListener } from "./custom-build.ts";

const MODULES: readonly BundleModule[] = [
  {
    name: "file:///assets-only.js",
    kind: "esm",
    contents:
      'import { WorkerEntrypoint } from "cloudflare:workers";\nexport default class extends WorkerEntrypoint {}\n',
  },
];

export function createAssetsOnlyBundler(
  config: ResolvedConfig,
  onCustomBuildOutput: OutputListener,
): Bundler {
  const { build } = config;
  const command = build && createCustomBuild(build, onCustomBuildOutput);
  const bundle = { hash: hashModules(MODULES), modules: MODULES };
  return {
    async build() {
      const startedAt = Date.now();
      const start = performance.now();
      const failure = await command?.run();
      const ms = performance.now() - start;
      if (failure !== undefined) return { ok: false, ...failure, ms, startedAt };
      return { ok: true, bundle, warnings: [], exports: ["default"], ms, startedAt };
    },
    inputs: () => ({ files: new Set(), trees: new Set(build?.watchDirs ?? []) }),
    async [Symbol.asyncDispose]() {
      await command?.[Symbol.asyncDispose]();
    },
  };
}
