/**
 * The static assets of one Worker at the front door: the router and the asset server of
 * assets/, on what the session found in the folder. Main thread of the host, so that no
 * asset waits for a Worker's thread; made by asset-host.ts. Until the folder has been read requests
 * wait here.
 */

import { routeRequest } from "../../assets/router.ts";
import { type AssetRequest, type AssetSite, createSite, findAsset } from "../../assets/site.ts";
import type { AssetsConfig, AssetFiles as AssetTable } from "../../protocol/assets.ts";
import type { AssetAsk, AssetReply } from "../../protocol/thread.ts";
import { imageGuard } from "../../util/image-guard.ts";
import type { Failure } from "../delivery.ts";
import type { Exchange } from "../exchange.ts";
import {
  type AssetAnswer,
  type AssetConditions,
  answerOutcome,
  joinHeaders,
} from "./asset-answer.ts";
import type { AssetFiles } from "./asset-files.ts";
import { NOT_FOUND_NOTE, sendAsset } from "./asset-sender.ts";

/** Who answers what no asset does. */
export interface UserWorker {
  dispatch(exchange: Exchange): void;
}

/** What goes to a thread in a message; larger files it reads itself. */
const MAX_SENT = 64 * 1024;

interface Waiting {
  /** The folder is known. */
  readonly go: () => void;
  /** It will not be. */
  readonly refuse: () => void;
}

const WORKER_GONE: Failure = {
  status: 503,
  title: "Worker stopped",
  message: "The Worker is not running any more.",
};

export class HostedAssets {
  readonly #files: AssetFiles;
  #site: AssetSite | undefined;
  /** Requests and questions that came before the folder was read. */
  readonly #waiting: Set<Waiting> = new Set();
  #isClosed = false;

  constructor(files: AssetFiles) {
    this.#files = files;
  }

  /** What the folder has in it now; what waits is answered. */
  update(config: AssetsConfig, table: AssetTable): void {
    this.#site = createSite(config, table);
    for (const { go } of this.#takeWaiting()) go();
  }

  /** A request from outside for the default entrypoint. */
  handle(exchange: Exchange, worker: UserWorker): void {
    const site = this.#site;
    if (site === undefined) {
      const waiting = {
        go: () => this.handle(exchange, worker),
        refuse: () => exchange.fail(WORKER_GONE),
      };
      this.#waiting.add(waiting);
      exchange.park(() => this.#waiting.delete(waiting));
      return;
    }
    const { method = "", headers } = exchange.request;
    const request = assetRequest(method, exchange.url);
    const isNavigation = headers["sec-fetch-mode"] === "navigate";
    const answer = this.#answer(site, request, "router", isNavigation, {
      ifNoneMatch: headers["if-none-match"] ?? "",
      isPrivate: headers.authorization !== undefined || headers.range !== undefined,
    });
    if (answer === undefined) {
      const guard = imageGuard(method, request.url, String(headers["sec-fetch-dest"] ?? ""));
      exchange.mustBeImage = guard === "check";
      if (guard === "refuse") exchange.block();
      else worker.dispatch(exchange);
      return;
    }
    if (answer.isNotFoundPage && site.config.navigationPrefersAssets)
      exchange.note = NOT_FOUND_NOTE;
    sendAsset(this.#files, exchange, answer, exchange.acceptEncoding);
  }

  /** The same for a thread, for `env.ASSETS` and for bindings to this Worker. Never rejects. */
  async ask(ask: AssetAsk): Promise<AssetReply | null> {
    if (this.#site === undefined && !this.#isClosed) {
      await new Promise<void>((resolve) => this.#waiting.add({ go: resolve, refuse: resolve }));
    }
    const site = this.#site;
    if (site === undefined) return null;
    const request = assetRequest(ask.method, ask.url);
    const answer = this.#answer(site, request, ask.part, ask.isNavigation, ask);
    if (answer === undefined) return null;
    const { status, statusText, file } = answer;
    const reply = { status, statusText, headers: joinHeaders(answer.headers) };
    if (file === undefined || ask.method === "HEAD") return { ...reply, body: null };
    if (file.size > MAX_SENT) return { ...reply, body: { path: file.path, size: file.size } };
    try {
      const bytes = this.#files.peek(file, "identity") ?? this.#files.read(file, "identity");
      return { ...reply, body: await bytes };
    } catch {
      return { status: 500, statusText: "Internal Server Error", headers: "", body: null };
    }
  }

  /** What waits is refused. */
  close(): void {
    this.#isClosed = true;
    for (const { refuse } of this.#takeWaiting()) refuse();
  }

  #takeWaiting(): Waiting[] {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    return waiting;
  }

  /** Undefined: the user Worker answers. */
  #answer(
    site: AssetSite,
    request: AssetRequest,
    part: AssetAsk["part"],
    isNavigation: boolean,
    conditions: AssetConditions,
  ): AssetAnswer | undefined {
    const outcome =
      part === "router"
        ? routeRequest(site, request, isNavigation)
        : findAsset(site, request, site.config.notFoundHandling);
    if (outcome.type === "worker") return undefined;
    const place = { site, files: this.#files };
    const answer = answerOutcome(place, request, outcome, conditions);
    if (answer !== undefined || outcome.type !== "file") return answer;
    // Gone since the folder was read: as if it had never been there.
    const files = new Map(site.files);
    files.delete(outcome.path);
    const rest = { ...site, files };
    this.#site = this.#site === site ? rest : this.#site;
    return this.#answer(rest, request, part, isNavigation, conditions);
  }
}

function assetRequest(method: string, text: string): AssetRequest {
  const url = new URL(text);
  return { method, url, pathname: url.pathname, hostname: url.hostname };
}
