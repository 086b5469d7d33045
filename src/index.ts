/**
 * The programmatic API: the same dev session that `drover dev` runs, without a terminal.
 *
 *     await using dev = await startDev({ configs: ["api/wrangler.toml", "auth/wrangler.jsonc"] });
 *     const response = await dev.fetch("/users");
 */
import type { RequestInit, Response } from "undici";
import { type ConfigFlags, parseConfigArgument } from "./config/flags.ts";
import type { EntrypointInfo } from "./protocol/worker-spec.ts";
import { DevSession } from "./session/dev-session.ts";
import type { ReadyInfo, SessionEvent } from "./session/events.ts";
import { createWorkerClient } from "./session/fetch-worker.ts";
import { ExitCode, UserError } from "./util/errors.ts";

export type { EntrypointInfo } from "./protocol/worker-spec.ts";
export type { SessionEvent } from "./session/events.ts";
export { ExitCode, UserError } from "./util/errors.ts";

export interface StartDevOptions {
  /** Paths of configs, `path@environment` for one environment. The first is the primary. */
  readonly configs: string | readonly string[];
  /** What relative paths start from; default: process.cwd(). */
  readonly cwd?: string;
  /** Environment of all configs that name none. */
  readonly env?: string;
  /** Files to read variables from, instead of each Worker's .dev.vars and .env. */
  readonly envFiles?: readonly string[];
  /** Variables for every Worker; win over configs and files. */
  readonly vars?: Readonly<Record<string, string>>;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Default "localhost". */
  readonly ip?: string;
  /** Rebuild and reload on changes; default false. */
  readonly watch?: boolean;
  /** What production refuses is an error instead of a warning; default false. */
  readonly strict?: boolean;
  /** Production limits; default "warn". */
  readonly limits?: "off" | "warn" | "enforce";
  /** Folder of local state, from `cwd`; default: `.wrangler/state` beside the first config. */
  readonly persistTo?: string;
  /** With more than eight Workers: those that nobody has called keep their threads; default false. */
  readonly keepAwake?: boolean;
  /** Hears everything that happens: logs, requests, reloads, failures. */
  readonly onEvent?: (event: SessionEvent) => void;
}

export interface DevWorker {
  readonly name: string;
  /** Origin at which this Worker answers. */
  readonly url: string;
  /** What it exports, as of its last reload. */
  readonly entrypoints: readonly EntrypointInfo[];
  fetch(path: string, init?: RequestInit): Promise<Response>;
}

export interface DevServer extends AsyncDisposable {
  /** Origin of the primary Worker. */
  readonly url: string;
  readonly port: number;
  /** In the order of `configs`. */
  readonly workers: readonly DevWorker[];
  /** @throws RangeError if the session has no Worker of this name */
  worker(name: string): DevWorker;
  /** A request to the primary; a path or a whole URL. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Ends everything; at most two seconds. Safe to call twice; `await using` does it too. */
  stop(): Promise<void>;
}

/**
 * Starts a session and resolves when every Worker is loaded and the port is open.
 *
 * @throws UserError for a mistake in configs or code (`code`, `exitCode` as in docs/errors.md),
 * after everything has been taken down again
 */
export async function startDev(options: StartDevOptions): Promise<DevServer> {
  const configs = typeof options.configs === "string" ? [options.configs] : options.configs;
  const session = new DevSession({
    sources: configs.map((config) => parseConfigArgument(config)),
    flags: flagsOf(options),
    watch: options.watch ?? false,
    strict: options.strict ?? false,
    limits: options.limits ?? "warn",
    keepAwake: options.keepAwake ?? false,
    colors: false,
    persistTo: options.persistTo,
    listener: options.onEvent ?? (() => {}),
  });
  try {
    await session.settled;
    assertAllReady(session);
    return createDevServer(session, await session.ready);
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
}

function flagsOf(options: StartDevOptions): ConfigFlags {
  return {
    cwd: options.cwd ?? process.cwd(),
    env: options.env,
    envFiles: options.envFiles,
    vars: Object.entries(options.vars ?? {}).map(([name, value]) => `${name}:${value}`),
    port: options.port ?? 0,
    ip: options.ip,
  };
}

/** A test wants to know at once, not at the first request to the broken Worker. */
function assertAllReady(session: DevSession): void {
  const failed = session.workers.find(({ state }) => state === "failed");
  if (failed === undefined) return;
  const isBuild = failed.failedStage === "build";
  throw new UserError(
    isBuild ? "BUILD_FAILED" : "WORKER_FAILED",
    `Worker "${failed.name}" ${isBuild ? "does not build" : "failed to start"}:\n${failed.failure ?? ""}`,
    { exitCode: isBuild ? ExitCode.build : ExitCode.notReady },
  );
}

function createDevServer(session: DevSession, address: ReadyInfo): DevServer {
  const client = createWorkerClient(address);
  const workers = session.workers.map(
    (worker, index): DevWorker => ({
      name: worker.name,
      url: address.workers[index]?.url ?? address.url,
      get entrypoints() {
        return worker.entrypoints;
      },
      fetch: (path, init) => client.fetch(path, init, worker.name),
    }),
  );
  const stop = async (): Promise<void> => {
    await client[Symbol.asyncDispose]();
    await session[Symbol.asyncDispose]();
  };
  return {
    url: address.url,
    port: address.port,
    workers,
    worker(name) {
      const found = workers.find((worker) => worker.name === name);
      if (found !== undefined) return found;
      const names = workers.map((worker) => worker.name).join(", ");
      throw new RangeError(`No Worker "${name}" in this session; there are: ${names}`);
    },
    fetch: (path, init) => client.fetch(path, init),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
