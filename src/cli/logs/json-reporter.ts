/**
 * `--log-format json`: what the Reporter tells people, told to programs. Log lines and requests have
 * their fields; everything that drover says itself is a line of type "drover", "ready" with the URLs.
 */
import type { SessionEvent } from "../../session/events.ts";
import { logLevelOf } from "../ui/event-texts.ts";
import { isShown, type LogLevel } from "../ui/log-level.ts";
import type { MessageKind } from "../ui/message.ts";
import { Reporter, type ReporterOptions } from "../ui/reporter.ts";
import { buildFailedLine, droverLine, logLine, requestLine, traceLine } from "./json-line.ts";

/** What esbuild's frames begin with. */
const WARNING_MARK = "▲ [WARNING] ";

/** The texts are the Reporter's; each of its lines becomes one object. */
export class JsonReporter extends Reporter {
  readonly #options: ReporterOptions;

  constructor(options: ReporterOptions) {
    super(options);
    this.#options = options;
  }

  override line(text: string, level: LogLevel = "log"): void {
    if (text.trim() !== "") this.#print(level, droverLine(level, text.trim(), Date.now()));
  }

  override message(kind: MessageKind, text: string): void {
    const level = kind === "error" ? "error" : "warn";
    this.#print(level, droverLine(level, text, Date.now()));
  }

  override report(event: SessionEvent): void {
    switch (event.type) {
      case "log":
        if (this.isWanted(event.worker)) {
          this.#print(logLevelOf(event.entry), logLine(event.worker, event.entry));
        }
        break;
      case "request":
        if (this.isWanted(event.entry.worker)) {
          this.#print("info", requestLine(event.entry, Date.now()));
        }
        break;
      case "trace":
        if (this.isWanted(event.tree.root.worker)) {
          const level = event.tree.root.outcome === "exception" ? "error" : "info";
          this.#print(level, traceLine(event.tree, Date.now()));
        }
        break;
      case "ready": {
        const { url, port, workers } = event.ready;
        const fields = { event: "ready", url, port, workers };
        this.#print("info", droverLine("info", `Ready on ${url}`, Date.now(), fields));
        break;
      }
      case "build-failed":
        this.#print("error", buildFailedLine(event, Date.now()));
        break;
      case "build-warning": {
        const { worker } = event;
        const isFrame = event.text.startsWith(WARNING_MARK);
        const text = isFrame ? event.text.slice(WARNING_MARK.length) : event.text;
        this.#print("warn", droverLine("warn", text, Date.now(), { worker }));
        break;
      }
      default:
        super.report(event);
    }
  }

  #print(level: LogLevel, line: string): void {
    if (isShown(level, this.#options.level)) this.#options.terminal.print(line);
  }
}
