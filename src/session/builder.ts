/**
 * The bundle layer as a session uses it. Imported when the session starts, so that esbuild loads
 * and boots while configs are read.
 */
import { createAssetsOnlyBundler } from "../bundle/assets-only.ts";
import { type Bundler, createBundler as create } from "../bundle/bundler.ts";
import type { OutputListener } from "../bundle/custom-build.ts";
import type { ResolvedConfig } from "../config/types.ts";
import type { SessionEvent } from "./events.ts";

export { stopEsbuild, warmUp } from "../bundle/esbuild-service.ts";
export { createWatcher, type Watcher } from "../bundle/watch.ts";

export function createBundler(
  config: ResolvedConfig,
  dispatch: (event: SessionEvent) => void,
): Bundler {
  const onCustomBuildOutput: OutputListener = (stream, text) =>
    dispatch({ type: "custom-build", worker: config.name, stream, text });
  if (config.main === "") return createAssetsOnlyBundler(config, onCustomBuildOutput);
  return create(config, { onCustomBuildOutput });
}
