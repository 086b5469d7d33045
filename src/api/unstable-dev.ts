/**
 * `unstable_dev` under wrangler's name and with its answers (spec/devtools-types.md 15): one Worker, started from a program. Found by
 * nobody; what it says is printed, as wrangler does.
 */
import { resolve } from "node:path";
import type { RequestInit, Response } from "undici";
import { createDeferred } from "../util/deferred.ts";
import { createDataFolder, startWithData } from "./dev-server.ts";
import { type LogLevel, print } from "./print-logs.ts";

export interface UnstableDevOptions {
  /** Default: what is found from the script upwards. */
  readonly config?: string;
  readonly env?: string;
  readonly envFiles?: readonly string[];
  readonly ip?: string;
  readonly port?: number;
  /** Win over the config's. */
  readonly vars?: Readonly<Record<string, unknown>>;
  /** False: data of its own, removed at the end; default true. */
  readonly persist?: boolean;
  readonly persistTo?: string;
  readonly compatibilityDate?: string;
  readonly compatibilityFlags?: readonly string[];
  /** "none" prints nothing, "error" and "warn" less; default "log". */
  readonly logLevel?: LogLevel;
  /** Rebuild and reload on changes; default true. */
  readonly watch?: boolean;
  /** Nothing in it changes what is done here. */
  readonly experimental?: Readonly<Record<string, unknown>>;
}

export interface UnstableDevWorker {
  readonly port: number;
  readonly address: string;
  stop(): Promise<void>;
  /** A path, or a whole URL: the Worker sees that host, "placeholder" for a path. */
  fetch(input?: string | URL, init?: RequestInit): Promise<Response>;
  waitUntilExit(): Promise<void>;
}

/** @throws UserError for a mistake in config or code */
export async function unstable_dev(
  script: string,
  options: UnstableDevOptions = {},
): Promise<UnstableDevWorker> {
  const { config, vars = {}, persist = true, logLevel = "log", ip = "127.0.0.1" } = options;
  const cwd = process.cwd();
  const ended = createDeferred();
  const data = persist ? undefined : await createDataFolder();
  const { env, envFiles, port, persistTo, compatibilityDate, compatibilityFlags } = options;
  const dev = await startWithData(
    {
      configs: [],
      cwd,
      ip,
      port: port ?? 0,
      watch: options.watch ?? true,
      bindings: vars,
      ...(env === undefined ? {} : { env }),
      ...(envFiles === undefined ? {} : { envFiles }),
      ...(persistTo === undefined ? {} : { persistTo }),
      onEvent: (event) => print(event, logLevel),
    },
    data,
    true,
    {
      sources: [config === undefined ? { script: resolve(cwd, script) } : { path: config }],
      flags: { script, compatibilityDate, compatibilityFlags },
    },
  );
  return {
    port: dev.port,
    address: ip,
    async stop() {
      await dev.stop();
      ended.resolve();
    },
    fetch(input = "/", init = {}) {
      const url = new URL(input, "http://placeholder");
      return dev.fetchAs(url, init);
    },
    waitUntilExit: () => ended.promise,
  };
}
