import { createBundler } from "../../../dist/bundle/bundler.js";
import { createWatcher } from "../../../dist/bundle/watch.js";
import type { BuildResult } from "../../../src/bundle/build-result.ts";
import type { ResolvedConfig } from "../../../src/config/types.ts";

/** Watcher and bundler as a session joins them; each batch of changes ends in a build. */
export interface WatchedBuilds extends AsyncDisposable {
  readonly first: BuildResult;
  /** Builds after each batch until one satisfies `isIt`: leftovers of an earlier save come first. */
  until(isIt: (result: BuildResult) => boolean | Promise<boolean>): Promise<BuildResult>;
}

export async function watchBuilds(config: ResolvedConfig): Promise<WatchedBuilds> {
  const bundler = createBundler(config);
  const owner = {};
  let changed = () => {};
  let pending = false;
  const watcher = createWatcher(() => {
    pending = true;
    changed();
  });
  const build = async () => {
    pending = false;
    const result = await bundler.build();
    watcher.update(owner, bundler.inputs(), result.startedAt);
    return result;
  };
  return {
    first: await build(),
    async until(isIt) {
      for (;;) {
        if (!pending) await new Promise<void>((resolve) => (changed = resolve));
        const result = await build();
        if (await isIt(result)) return result;
      }
    },
    async [Symbol.asyncDispose]() {
      await watcher[Symbol.asyncDispose]();
      await bundler[Symbol.asyncDispose]();
    },
  };
}
