/**
 * Turns the events of a session into lines. Owns what was said already; the texts are those that
 * scripts around `wrangler dev` wait for (spec/wrangler.md 0 and 1.4).
 */
import { relative } from "node:path";
import { blue, dim, gray, red, yellow } from "kleur/colors";
import type { ResolvedConfig } from "../../config/types.ts";
import type { LogEntry } from "../../protocol/thread.ts";
import type { ChangedConnections, ReadyInfo, SessionEvent } from "../../session/events.ts";
import { type ConnectionRow, describeUncalledHandlers } from "../../session/status.ts";
import type { TraceTree } from "../../session/traces.ts";
import { assertNever } from "../../util/errors.ts";
import { CONNECTION_FOOTER, formatBindings } from "./bindings-table.ts";
import { formatPlaces } from "./data-places.ts";
import {
  describeCrons,
  describeError,
  describeHostDeath,
  describeLastGood,
  describeLonelyQueue,
  describeNameChange,
  describeUnsupported,
  formatAddresses,
  formatInspector,
  formatLog,
  logLevelOf,
  place,
} from "./event-texts.ts";
import { isShown, type LogLevel } from "./log-level.ts";
import { formatMessage, type MessageKind } from "./message.ts";
import { formatCronLine, formatQueueLine, formatRequestLine, tag } from "./request-line.ts";
import type { StreamName, Terminal } from "./terminal.ts";
import { formatPassedOver, formatTrace } from "./trace-tree.ts";
import { wrap } from "./wrap.ts";

/** What the reporter may ask the session about; by name, because events carry names. */
export interface ReportedSession {
  readonly workers: readonly {
    readonly name: string;
    readonly config: ResolvedConfig;
    readonly isAsleep?: boolean;
  }[];
  connections(worker: string): readonly ConnectionRow[];
  /** Bindings that work only because drover is lenient; sentences. */
  leniencies(worker: string): readonly string[];
  /** Folder of local state. */
  readonly stateRoot: string;
}

export interface ReporterOptions {
  readonly terminal: Terminal;
  readonly level: LogLevel;
  /** What paths are shown relative to. */
  readonly cwd: string;
  readonly session: () => ReportedSession;
  /** `--filter-log`: only these Workers are heard; undefined: all. */
  readonly workers?: readonly string[] | undefined;
  /** `--test-scheduled`: the user knows how cron triggers are played. */
  readonly testScheduled?: boolean;
  /** `--cron` */
  readonly firesCron?: boolean;
}

export class Reporter {
  readonly #options: ReporterOptions;
  /** Remarks that are made once. */
  readonly #said = new Set<string>();
  #failed = false;

  constructor(options: ReporterOptions) {
    this.#options = options;
  }

  /** A line of drover's own, at the level at which wrangler prints its like. */
  line(text: string, level: LogLevel = "log", stream: StreamName = "stdout"): void {
    if (isShown(level, this.#options.level)) this.#options.terminal.print(text, stream);
  }

  message(kind: MessageKind, text: string): void {
    this.line(
      wrap(formatMessage(kind, text), this.#options.terminal.errorWidth),
      kind === "error" ? "error" : "warn",
      "stderr",
    );
  }

  report(event: SessionEvent): void {
    switch (event.type) {
      case "configured":
        for (const config of event.workers) this.#remarks(config);
        this.line(dim("⎔ Starting local server..."));
        break;
      case "assets":
        for (const { level, text } of event.remarks) this.#ruleRemark(level, text);
        if (event.cause === "change") this.#assetsUpdated(event.worker, event.count);
        break;
      case "assets-failed":
        this.message(
          "error",
          `${this.#named(event.worker)}${event.text}\n\nWhat was served before goes on being served.`,
        );
        break;
      case "config-reloaded":
        this.#remarks(event.config);
        break;
      case "config-failed": {
        const text = `${describeError(event.error)}\n\nThe last good configuration stays in force.`;
        this.message("error", this.#named(event.worker) + text);
        break;
      }
      case "build-started":
        if (event.cause === "change" && event.files.length > 0) this.#changed(event.files);
        break;
      case "loading":
        if (event.cause === "change") this.#reloading(event.worker);
        break;
      case "build-failed":
        this.line(`${this.#named(event.worker)}${event.text.trimEnd()}\n`, "error", "stderr");
        this.line(describeLastGood(event.worker, event.keepsLastGood), "error", "stderr");
        break;
      case "build-warning":
        this.#buildWarning(event.worker, event.text);
        break;
      case "unchanged":
        if (event.recovered) this.#updated(event.worker, event.ms);
        else this.#unchanged(event.worker, event.ms);
        break;
      case "loaded":
        if (event.cause === "change") this.#updated(event.worker, event.ms);
        for (const text of describeUncalledHandlers(event.entrypoints)) {
          this.#remark(event.worker, text);
        }
        break;
      case "load-failed":
        // The old host has said it already.
        if (event.cause === "restore") break;
        this.message("error", `${this.#named(event.worker)}Failed to start: ${event.error.stack}`);
        this.line(describeLastGood(event.worker, event.keepsLastGood), "error", "stderr");
        break;
      case "settled":
        for (const { name } of this.#options.session().workers) this.#bindings(name);
        this.#sleepers();
        if (event.waiting !== undefined)
          this.line(formatAddresses("Listening", event.waiting), "info");
        break;
      case "ready":
        this.line(formatAddresses("Ready", event.ready), "info");
        this.#crons(event.ready);
        break;
      case "inspector":
        this.line(formatInspector(event.inspector), event.inspector.isWanted ? "info" : "debug");
        break;
      case "connections-changed":
        this.#changedConnections(event.changes);
        break;
      case "name":
        this.message(...describeNameChange(event.change));
        break;
      case "registry-trouble":
        this.#once(event.text, () => this.message("warning", event.text));
        break;
      case "log":
        if (this.isWanted(event.worker)) this.#log(event.worker, event.entry);
        break;
      case "request":
        if (this.isWanted(event.entry.worker)) {
          this.line(formatRequestLine(event.entry, this.#isMulti), "info");
        }
        break;
      case "trace":
        if (this.isWanted(event.tree.root.worker)) this.#trace(event.tree);
        break;
      case "traces-passed-over":
        this.line(formatPassedOver(event.worker, event.count), "info");
        break;
      case "cron":
        this.line(formatCronLine(event.entry, this.#isMulti), "info");
        break;
      case "queue-batch":
        this.line(formatQueueLine(event.entry, this.#isMulti), "info");
        break;
      case "queue-remark":
        this.#queueRemark(event.worker, event.level, event.text);
        break;
      case "queue-alone":
        this.message("warning", describeLonelyQueue(event.queue, event.count));
        break;
      case "crashed":
        this.message(
          "error",
          `${this.#named(event.worker)}The Worker crashed: ${event.reason}\nIt was started again. State in its memory is lost.`,
        );
        break;
      case "host-died":
        this.message("error", describeHostDeath(event.death));
        this.line(gray(event.death.detail.trimEnd()), "debug");
        break;
      case "host-restarted":
        this.line(dim("⎔ Runtime process started again"));
        break;
      case "host-output":
        this.line(gray(event.text.trimEnd()), "debug");
        break;
      case "custom-build": {
        const label = (event.stream === "stderr" ? red : blue)("[custom build]");
        this.line(`${this.#named(event.worker)}${label} ${event.text}`);
        break;
      }
      case "stopping":
        if (!this.#failed) this.line(dim("⎔ Shutting down local server..."));
        break;
      case "fatal":
        // Printed where the exit code is chosen (cli/exit.ts).
        this.#failed = true;
        break;
      default:
        assertNever(event);
    }
  }

  /** Whether what this Worker says, and its requests, are shown. */
  protected isWanted(worker: string): boolean {
    return this.#options.workers?.includes(worker) ?? true;
  }

  get #isMulti(): boolean {
    return this.#options.session().workers.length > 1;
  }

  #named(worker: string): string {
    return this.#isMulti ? `${blue(`[${worker}]`)} ` : "";
  }

  #once(key: string, say: () => void): void {
    if (this.#said.has(key)) return;
    this.#said.add(key);
    say();
  }

  /** A warning about one Worker, made once. */
  #remark(worker: string, text: string): void {
    this.#once(`${worker} ${text}`, () => this.message("warning", this.#named(worker) + text));
  }

  /** Warnings, notes and unsupported keys of a config. */
  #remarks(config: ResolvedConfig): void {
    const { cwd } = this.#options;
    for (const note of config.notes) {
      this.#once(`note ${config.name} ${note}`, () => this.line(this.#named(config.name) + note));
    }
    if (config.laterBehaviour.length > 0) {
      const flags = config.laterBehaviour.join(", ");
      const text = `Compatibility date ${config.compatibilityDate} has no effect on ${flags}`;
      this.#once(`${config.name} ${text}`, () => this.line(dim(this.#named(config.name) + text)));
    }
    for (const { message, position, frame } of config.warnings) {
      const text = `${place(position, cwd)}${message}`;
      this.#remark(config.name, frame === undefined ? text : `${text}\n\n${frame}`);
    }
    const unsupported = describeUnsupported(config, cwd);
    if (unsupported !== undefined) this.#remark(config.name, unsupported);
  }

  /** esbuild's come formatted, drover's own do not. */
  #buildWarning(worker: string, text: string): void {
    if (!text.startsWith("▲")) this.#remark(worker, text);
    else {
      this.#once(text, () => this.line(`${this.#named(worker)}${text}\n`, "warn", "stderr"));
    }
  }

  #reloading(worker: string): void {
    this.line(dim(`⎔ Reloading local server...${this.#isMulti ? ` (${worker})` : ""}`));
  }

  #changed(files: readonly string[]): void {
    const names = files.map((file) => relative(this.#options.cwd, file)).join(", ");
    this.line(gray(`changed: ${names}`), "debug");
  }

  #updated(worker: string, ms: number): void {
    const who = this.#isMulti ? `${worker}, ` : "";
    this.line(`⎔ Local server updated and ready ${gray(`(${who}${Math.round(ms)} ms)`)}`);
  }

  /**
   * A save that changes nothing in the bundle was seen: told to people. Not in the words of a reload, which scripts
   * take for the change that they wait for: one save may be seen twice.
   */
  #unchanged(worker: string, ms: number): void {
    const who = this.#isMulti ? `${worker}, ` : "";
    const level = this.#options.terminal.isInteractive ? "log" : "debug";
    this.line(dim(`⎔ Nothing to reload (${who}unchanged, ${Math.round(ms)} ms)`), level);
  }

  /** The words and the place of wrangler's. */
  #ruleRemark(level: "info" | "warn", text: string): void {
    if (level === "info") this.line(`${tag()} ${text}`, "info");
    else this.line(`[${yellow("drover:warn")}] ${text}\n`, "warn", "stderr");
  }

  #assetsUpdated(worker: string, count: number): void {
    const files = `${count} file${count === 1 ? "" : "s"}`;
    this.line(`⎔ Local server updated and ready ${gray(`(assets of ${worker}, ${files})`)}`);
  }

  #log(worker: string, entry: LogEntry): void {
    const level = logLevelOf(entry);
    const stream = level === "error" || level === "warn" ? "stderr" : "stdout";
    this.line(formatLog(entry, this.#isMulti ? worker : undefined), level, stream);
  }

  #trace(tree: TraceTree): void {
    this.line(formatTrace(tree, this.#options.terminal.width), "info");
  }

  #changedConnections(changes: readonly ChangedConnections[]): void {
    const { width } = this.#options.terminal;
    this.line("⎔ Connection status updated\n");
    for (const { worker, rows } of changes) {
      const config = this.#options.session().workers.find(({ name }) => name === worker)?.config;
      if (config === undefined) continue;
      const name = this.#isMulti ? worker : undefined;
      this.line(`${formatBindings(config, rows, { name, width, onlyConnections: true })}\n`);
    }
  }

  /** wrangler's form of these lines. */
  #queueRemark(worker: string, level: "warn" | "debug" | "error", text: string): void {
    if (level === "error") this.message("error", this.#named(worker) + text);
    else if (level === "warn") {
      this.line(`[${yellow("drover:warn")}] ${this.#named(worker)}${text}`, "warn", "stderr");
    } else this.line(gray(this.#named(worker) + text), "debug");
  }

  #sleepers(): void {
    const { workers } = this.#options.session();
    const asleep = workers.filter(({ isAsleep }) => isAsleep === true).length;
    if (asleep === 0) return;
    const text = `${asleep} of ${workers.length} Workers sleep until they are called for the first time (--keep-awake keeps their threads).`;
    this.line(dim(text), "info");
  }

  #crons(ready: ReadyInfo): void {
    if (this.#options.testScheduled === true || this.#options.firesCron === true) return;
    const { workers } = this.#options.session();
    const text = describeCrons(
      workers.filter(({ config }) => config.crons.length > 0).map(({ name }) => name),
      ready,
    );
    if (text !== undefined) this.message("warning", text);
  }

  #bindings(worker: string): void {
    const session = this.#options.session();
    const config = session.workers.find(({ name }) => name === worker)?.config;
    if (config === undefined) return;
    const connections = session.connections(worker);
    const name = this.#isMulti ? worker : undefined;
    const { width } = this.#options.terminal;
    const table = formatBindings(config, connections, { name, width });
    if (table !== "") this.line(`${table}\n`);
    const places = formatPlaces(config, session.stateRoot, this.#options.cwd);
    if (places !== "") this.line(gray(`${places}\n`), "debug");
    if (connections.length > 0) {
      this.#once("footer", () =>
        this.line(`${dim(wrap(CONNECTION_FOOTER, this.#options.terminal.width))}\n`),
      );
    }
    for (const text of session.leniencies(worker)) {
      this.#once(text, () => this.message("warning", text));
    }
  }
}
