/**
 * The static assets of all Workers of the session: who has some, and the files that they share.
 * Main thread of the host; fed by host.ts, asked by the front door and by threads.
 */
import type { SessionToHost } from "../../protocol/host.ts";
import type { ThreadToHost } from "../../protocol/thread.ts";
import type { WorkerThread } from "../worker-thread.ts";
import { AssetFiles } from "./asset-files.ts";
import { HostedAssets } from "./hosted-assets.ts";

export class AssetHost {
  readonly #files: AssetFiles = new AssetFiles();
  readonly #workers: Map<string, HostedAssets> = new Map();

  /** What stands in front of that Worker's default entrypoint, if anything does. */
  of(worker: string): HostedAssets | undefined {
    return this.#workers.get(worker);
  }

  update({ worker, config, files }: Extract<SessionToHost, { readonly type: "assets" }>): void {
    let assets = this.#workers.get(worker);
    if (config === undefined) {
      this.remove(worker);
      return;
    }
    if (assets === undefined) {
      assets = new HostedAssets(this.#files);
      this.#workers.set(worker, assets);
    }
    if (files !== undefined) assets.update(config, files);
  }

  remove(worker: string): void {
    this.#workers.get(worker)?.close();
    this.#workers.delete(worker);
  }

  /** Never rejects: where nothing is known the user Worker answers. */
  async onRequest(
    worker: string,
    thread: WorkerThread,
    { request, ask }: Extract<ThreadToHost, { readonly type: "asset-request" }>,
  ): Promise<void> {
    const reply = (await this.#workers.get(worker)?.ask(ask)) ?? null;
    if (!thread.isGone) thread.post({ type: "asset-answer", request, reply });
  }
}
