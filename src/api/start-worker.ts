/**
 * `unstable_startWorker` under wrangler's name and with its answers (spec/devtools-types.md 15; recorded from wrangler 4.164): one
 * Worker, started from a program, on `startDev`. Found by nobody; what it says is printed, as wrangler does.
 */
import { isAbsolute, relative, resolve } from "node:path";
import { Request, type RequestInit, type Response } from "undici";
import type { ConfigFlags, ConfigSource } from "../config/flags.ts";
import { readVersion } from "../util/version.ts";
import {
  createDataFolder,
  type DevWorker,
  type ServerForPrograms,
  startWithData,
} from "./dev-server.ts";
import { print } from "./print-logs.ts";
import { bindingOf, checkInput, type StartWorkerInput } from "./start-worker-input.ts";
import { answered, wantingErrors } from "./thrown-errors.ts";

/** What runs: the input, with what the config says of it. */
export interface StartedWorkerConfig extends StartWorkerInput {
  readonly name: string;
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  /** Absolute. */
  readonly entrypoint: string;
  readonly projectRoot: string;
}

export interface StartedWorker {
  /** Resolved: the Worker serves before it is given. */
  readonly ready: Promise<void>;
  readonly url: Promise<URL>;
  /** Undefined with `dev.inspector: false`. */
  readonly inspectorUrl: Promise<URL | undefined>;
  readonly config: StartedWorkerConfig;
  /** Begins anew with another input, at the same address. */
  setConfig(input: StartWorkerInput): Promise<StartedWorkerConfig>;
  /** The same, with the input so far and what is given in place of it. */
  patchConfig(input: StartWorkerInput): Promise<StartedWorkerConfig>;
  /** A whole URL, which the Worker sees; rejects with what it throws. */
  fetch(input: string | URL | globalThis.Request, init?: RequestInit): Promise<Response>;
  readonly scheduled: DevWorker["scheduled"];
  readonly queue: DevWorker["queue"];
  /** Safe to call twice. */
  dispose(): Promise<void>;
}

/**
 * @throws UserError for a mistake in config or code, TypeError for a field or a kind of binding that is not known here
 */
export async function unstable_startWorker(input: StartWorkerInput = {}): Promise<StartedWorker> {
  const worker = new Started(input);
  await worker.start();
  return worker;
}

class Started implements StartedWorker {
  #input: StartWorkerInput;
  #dev: ServerForPrograms | undefined;

  constructor(input: StartWorkerInput) {
    this.#input = input;
  }

  async start(port = this.#input.dev?.server?.port ?? 0): Promise<void> {
    this.#dev = await startOne(this.#input, port);
  }

  get ready(): Promise<void> {
    return Promise.resolve();
  }

  get url(): Promise<URL> {
    return Promise.resolve(new URL(this.#running.url));
  }

  get inspectorUrl(): Promise<URL | undefined> {
    const { inspector } = this.#running;
    const url = inspector && new URL(`http://${inspector.ip}:${inspector.port}/`);
    return Promise.resolve(url);
  }

  get config(): StartedWorkerConfig {
    const [resolved] = this.#running.configs;
    if (resolved === undefined) throw new Error("The session has no Worker.");
    const { name, compatibilityDate, compatibilityFlags, main, root, configPath } = resolved;
    return {
      ...this.#input,
      ...(configPath === undefined ? {} : { config: shown(configPath) }),
      name,
      compatibilityDate,
      compatibilityFlags,
      entrypoint: main,
      projectRoot: root,
    };
  }

  async setConfig(input: StartWorkerInput): Promise<StartedWorkerConfig> {
    const { port } = this.#running;
    checkInput(input);
    await this.dispose();
    this.#input = input;
    await this.start(input.dev?.server?.port || port);
    return this.config;
  }

  patchConfig(input: StartWorkerInput): Promise<StartedWorkerConfig> {
    return this.setConfig({ ...this.#input, ...input });
  }

  async fetch(input: string | URL | globalThis.Request, init?: RequestInit): Promise<Response> {
    const dev = this.#running;
    // Parses the URL, and says of one that is none what `fetch` says.
    const request = new Request(input as URL, init);
    const { method, headers, body } = request;
    const sent = wantingErrors({
      ...init,
      method,
      headers,
      ...(body === null ? {} : { body, duplex: "half" }),
    });
    return await answered(dev.fetchAs(new URL(request.url), sent));
  }

  readonly scheduled: DevWorker["scheduled"] = (options) => this.#worker.scheduled(options);

  readonly queue: DevWorker["queue"] = (queue, messages) => this.#worker.queue(queue, messages);

  async dispose(): Promise<void> {
    const dev = this.#dev;
    this.#dev = undefined;
    await dev?.stop();
  }

  get #running(): ServerForPrograms {
    if (this.#dev === undefined) throw new Error("The Worker has been disposed of.");
    return this.#dev;
  }

  get #worker(): DevWorker {
    const [worker] = this.#running.workers;
    if (worker === undefined) throw new Error("The session has no Worker.");
    return worker;
  }
}

async function startOne(input: StartWorkerInput, port: number): Promise<ServerForPrograms> {
  checkInput(input);
  const { env, envFiles, dev = {}, bindings = {} } = input;
  const { server, inspector, persist, watch = false, logLevel = "log" } = dev;
  const cwd = process.cwd();
  const overrides = Object.entries(bindings).map(([name, binding]) => ({
    binding: bindingOf(name, binding),
  }));
  const data = persist === false ? await createDataFolder() : undefined;
  return await startWithData(
    {
      configs: [],
      cwd,
      port,
      watch,
      ...(server?.hostname === undefined ? {} : { ip: server.hostname }),
      ...(env === undefined ? {} : { env }),
      ...(envFiles === undefined ? {} : { envFiles }),
      ...(typeof persist === "string" ? { persistTo: persist } : {}),
      onEvent: (event) => print(event, logLevel),
    },
    data,
    true,
    {
      sources: [sourceOf(input, cwd)],
      flags: flagsOf(input),
      overrides,
      ...(inspector === false ? {} : { inspector: { version: readVersion() } }),
    },
  );
}

function sourceOf({ config, entrypoint }: StartWorkerInput, cwd: string): ConfigSource {
  if (config !== undefined) return { path: config };
  return entrypoint === undefined ? { directory: cwd } : { script: resolve(cwd, entrypoint) };
}

function flagsOf(input: StartWorkerInput): Partial<ConfigFlags> {
  const { name, entrypoint, compatibilityDate, compatibilityFlags, build = {}, dev = {} } = input;
  const { define, alias, minify, tsconfig, bundle } = build;
  const { inspector } = dev;
  return {
    name,
    script: entrypoint,
    compatibilityDate,
    compatibilityFlags,
    define: pairs(define),
    alias: pairs(alias),
    minify,
    tsconfig,
    noBundle: bundle === undefined ? undefined : !bundle,
    ...(inspector ? { inspectorPort: inspector.port, inspectorIp: inspector.hostname } : {}),
  };
}

function pairs(table: Readonly<Record<string, string>> | undefined): string[] | undefined {
  return table && Object.entries(table).map(([key, value]) => `${key}:${value}`);
}

/** As wrangler has it: from the working directory, where it is below it. */
function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") || isAbsolute(short) ? path : short;
}
