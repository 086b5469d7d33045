/**
 * The port that a session got last time because the default one was taken: it gets that one again, so that
 * bookmarks and other projects' settings hold. Kept beside the primary's config, where local data lies too
 * (`.wrangler/drover/ports.json`), by the primary's name. A port that the user names is never kept.
 * Used by DevSession when it opens its port.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { makeFolder } from "../util/folders.ts";

const DEFAULT_PORT = 8787;

export class RememberedPort {
  readonly #path: string;
  readonly #name: string;
  readonly #all: Readonly<Record<string, number>>;

  /** `configFolder`, `name`: of the primary. */
  constructor(configFolder: string, name: string) {
    this.#path = join(configFolder, ".wrangler", "drover", "ports.json");
    this.#name = name;
    this.#all = read(this.#path);
  }

  /** To be tried first; undefined: there is none. */
  get port(): number | undefined {
    return Object.hasOwn(this.#all, this.#name) ? this.#all[this.#name] : undefined;
  }

  /** The session got it without having asked for it. Never throws: nothing depends on it. */
  keep(port: number): void {
    if (port === (this.port ?? DEFAULT_PORT)) return;
    try {
      makeFolder(dirname(this.#path));
      writeFileSync(this.#path, `${JSON.stringify({ ...this.#all, [this.#name]: port })}\n`);
    } catch {
      // A folder that cannot be written to: next time it is the default again.
    }
  }
}

function read(path: string): Readonly<Record<string, number>> {
  let found: unknown;
  try {
    found = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    // Not there, or not ours.
    return {};
  }
  if (typeof found !== "object" || found === null) return {};
  const ports = Object.entries(found as Record<string, unknown>).flatMap(([name, port]) =>
    typeof port === "number" && Number.isInteger(port) && port > 0 && port < 65_536
      ? [[name, port] as const]
      : [],
  );
  return Object.fromEntries(ports);
}
