/**
 * The folders of static assets of a session's Workers: read beside the bundling, read again when
 * something in them changes, sent to the host, which serves them. No Worker's thread hears of it.
 * Runs in the session process, owned by DevSession.
 *
 * One reading of a folder at a time; changes meanwhile are one more behind it. A folder that cannot
 * be used leaves the last good table in force.
 */
import { join, relative } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { HEADERS_FILE, REDIRECTS_FILE } from "../assets/ignore-rules.ts";
import { type AssetFolder, readAssetFolder } from "../assets/read-folder.ts";
import { describeHeaders, describeRedirects, type RuleRemark } from "../assets/rule-report.ts";
import type { WatchedPlaces } from "../bundle/watch.ts";
import type { ResolvedConfig } from "../config/types.ts";
import type { AssetFiles, AssetsConfig } from "../protocol/assets.ts";
import type { SessionToHost } from "../protocol/host.ts";
import { ExitCode, messageOf, UserError } from "../util/errors.ts";
import { AssetWatch } from "./asset-watch.ts";
import type { Cause, SessionEvent } from "./events.ts";

export interface AssetsBus {
  send(message: SessionToHost): void;
  dispatch(event: SessionEvent): void;
  /** Watches these places for `owner` from now on. */
  watch(owner: object, places: WatchedPlaces): void;
  /** False: nothing is watched. */
  readonly watches: boolean;
  /** What paths are shown relative to. */
  readonly cwd: string;
}

/** A file that changed so shortly before it was looked at may be half written: it is looked at again. */
const SETTLING_MS = 100;

const WORKER_FILE = "/_worker.js";

const NO_PLACES: WatchedPlaces = { files: new Set(), trees: new Set() };

export class SessionAssets {
  readonly #bus: AssetsBus;
  readonly #folders: Map<string, Folder> = new Map();

  constructor(bus: AssetsBus) {
    this.#bus = bus;
  }

  /**
   * What the configs ask for now. Resolves when every new folder has been read.
   *
   * @param cause "start": rejects with a UserError ASSETS_FOLDER where a folder cannot be used
   */
  async update(configs: readonly ResolvedConfig[], cause: Cause): Promise<void> {
    const wanted = new Map(configs.map(({ name, assets }) => [name, assets]));
    for (const [name, folder] of this.#folders) {
      if (wanted.get(name) !== undefined) continue;
      this.#folders.delete(name);
      folder.close();
    }
    const reading: Promise<void>[] = [];
    for (const [name, config] of wanted) {
      if (config === undefined) continue;
      let folder = this.#folders.get(name);
      if (folder === undefined) {
        folder = new Folder(name, this.#bus);
        this.#folders.set(name, folder);
      }
      reading.push(folder.configure(config, cause));
    }
    await Promise.all(reading);
  }

  onFilesChanged(files: ReadonlySet<string>): void {
    for (const folder of this.#folders.values()) folder.onFilesChanged(files);
  }

  /** The session ends. */
  [Symbol.dispose](): void {
    for (const folder of this.#folders.values()) folder[Symbol.dispose]();
  }

  /** A new host process is there: tell it what the old one knew. */
  restore(): void {
    for (const folder of this.#folders.values()) folder.send();
  }
}

/** The assets of one Worker. */
class Folder {
  readonly #worker: string;
  readonly #bus: AssetsBus;
  #config: AssetsConfig | undefined;
  /** The last that could be read. */
  #files: AssetFiles | undefined;
  #remarks: readonly RuleRemark[] = [];
  readonly #watch: AssetWatch = new AssetWatch(() => this.#onChange());
  #reading: Promise<void> | undefined;
  #isStale = false;
  #isClosed = false;
  #settling: NodeJS.Timeout | undefined;
  /** Nobody has changed anything since the last reading, as far as is known. */
  #isSecondLook = false;

  constructor(worker: string, bus: AssetsBus) {
    this.#worker = worker;
    this.#bus = bus;
  }

  async configure(config: AssetsConfig, cause: Cause): Promise<void> {
    if (isDeepStrictEqual(config, this.#config)) return;
    const isSameFolder =
      config.directory === this.#config?.directory &&
      config.htmlHandling === this.#config.htmlHandling;
    this.#config = config;
    // Its own removal and return; what is in it is watched when it has been read.
    if (!isSameFolder) {
      this.#bus.watch(this, { files: new Set([config.directory]), trees: new Set() });
    }
    // Requests wait for the folder instead of going to the Worker.
    this.send();
    if (!isSameFolder) await this.#read(cause);
  }

  onFilesChanged(files: ReadonlySet<string>): void {
    if (files.has(this.#config?.directory ?? "")) this.#onChange();
  }

  #onChange(): void {
    this.#isSecondLook = false;
    void this.#read("change");
  }

  send(): void {
    const config = this.#config;
    if (config === undefined) return;
    const files = this.#files;
    this.#bus.send({
      type: "assets",
      worker: this.#worker,
      config,
      ...(files !== undefined && { files }),
    });
  }

  /** The Worker has no assets any more. */
  close(): void {
    this[Symbol.dispose]();
    this.#bus.watch(this, NO_PLACES);
    this.#bus.send({ type: "assets", worker: this.#worker });
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    clearTimeout(this.#settling);
    this.#watch.close();
  }

  /** Rejects at the start only. */
  #read(cause: Cause): Promise<void> {
    this.#isStale = this.#reading !== undefined;
    this.#reading ??= this.#readAll(cause).finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #readAll(cause: Cause): Promise<void> {
    do {
      this.#isStale = false;
      const { directory, htmlHandling } = this.#config as AssetsConfig;
      let folder: AssetFolder;
      try {
        folder = await readAssetFolder(directory, htmlHandling);
      } catch (error) {
        const text = messageOf(error);
        if (cause === "start") {
          throw new UserError("ASSETS_FOLDER", text, { exitCode: ExitCode.config, cause: error });
        }
        if (this.#isClosed) return;
        this.#bus.dispatch({ type: "assets-failed", worker: this.#worker, text });
        continue;
      }
      if (this.#isClosed) return;
      if (!this.#isStale) this.#onRead(folder, cause);
    } while (this.#isStale);
  }

  #onRead({ table, headers, redirects, folders, changedAt }: AssetFolder, cause: Cause): void {
    if (this.#bus.watches) this.#watch.update(folders);
    this.#lookAgainAfter(changedAt);
    if (this.#isSecondLook && isDeepStrictEqual(table, this.#files)) return;
    this.#files = table;
    this.send();
    const remarks = [
      ...(redirects ? describeRedirects(redirects, this.#shown(REDIRECTS_FILE)) : []),
      ...(headers ? describeHeaders(headers, this.#shown(HEADERS_FILE)) : []),
      ...(table.files.some(([path]) => path === WORKER_FILE) ? [this.#serverCode()] : []),
    ];
    const isNew = !isDeepStrictEqual(remarks, this.#remarks);
    this.#remarks = remarks;
    this.#bus.dispatch({
      type: "assets",
      worker: this.#worker,
      cause,
      count: table.files.length,
      remarks: isNew ? remarks : [],
    });
  }

  /** The Worker of a Pages project: `wrangler deploy` refuses it, and dev serves it. */
  #serverCode(): RuleRemark {
    const file = this.#shown(WORKER_FILE);
    const text = `${file} is served to everybody, as an asset. If it is the code of a Worker, make it "main", and name it in an .assetsignore file.`;
    return { level: "warn", text };
  }

  #lookAgainAfter(changedAt: number): void {
    clearTimeout(this.#settling);
    if (Date.now() - changedAt >= SETTLING_MS) return;
    this.#settling = setTimeout(() => {
      this.#isSecondLook = true;
      void this.#read("change");
    }, SETTLING_MS);
    this.#settling.unref();
  }

  #shown(file: string): string {
    return relative(this.#bus.cwd, join(this.#config?.directory ?? "", file));
  }
}
