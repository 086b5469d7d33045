import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { allGone } from "../helpers/process-tree.ts";
import { type RunDevOptions, type RunningDev, runDev, runDrover } from "../helpers/run-dev.ts";
import { config } from "./workers.ts";

/**
 * A runtime directory of one test's own, with its own daemon. Disposing it checks that neither the
 * daemon nor a socket file is left; dispose all sessions before.
 */
export class RegistryHome implements AsyncDisposable {
  /** Short: socket paths have 100 bytes. */
  readonly root: string = mkdtempSync("/tmp/dr-");
  readonly directory: string = join(this.root, "drover");

  get env(): Readonly<Record<string, string | undefined>> {
    return {
      XDG_RUNTIME_DIR: this.root,
      DROVER_REGISTRY: undefined,
      WRANGLER_REGISTRY_PATH: undefined,
      DROVER_REGISTRY_IDLE_MS: "200",
    };
  }

  /** A session that belongs to this registry. */
  dev(configs: string | readonly string[], options: RunDevOptions = {}): Promise<RunningDev> {
    return runDev(configs, { ...options, env: { ...this.env, ...options.env } });
  }

  files(): readonly string[] {
    try {
      return readdirSync(this.directory);
    } catch {
      return [];
    }
  }

  /** What `drover registry --json` prints. */
  async list(): Promise<Listing> {
    const { stdout } = await runDrover(["registry", "--json"], { env: this.env });
    return JSON.parse(stdout) as Listing;
  }

  async daemonPid(): Promise<number> {
    const { daemon } = await this.list();
    if (daemon === null) throw new Error("there is no daemon");
    return daemon.pid;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { daemon } = await this.list();
    if (daemon !== null) await allGone([daemon.pid]);
    while (this.files().length > 0) await new Promise((resolve) => setImmediate(resolve));
    rmSync(this.root, { recursive: true, force: true });
  }
}

export interface Listing {
  readonly daemon: { readonly pid: number } | null;
  readonly workers: readonly {
    readonly name: string;
    readonly address: string | null;
    readonly session: { readonly pid: number };
  }[];
}

/** Calls `callee` in every way that the tests look at and shows what comes of it. */
export const CALLER: string = `
const attempt = async (call: () => unknown): Promise<Response> => {
  try {
    const result = await call();
    return result instanceof Response ? result : new Response(String(result));
  } catch (error: any) {
    const { name, message } = error;
    return Response.json({ name, message, retryable: error.retryable === true }, { status: 500 });
  }
};
export default {
  fetch(request: Request, env: any): Promise<Response> {
    const { pathname } = new URL(request.url);
    return attempt(async () => {
      if (pathname === "/version") return env.CALLEE.version();
      if (pathname === "/slow") return env.CALLEE.slow();
      if (pathname === "/fetch") return env.CALLEE.fetch("http://callee/");
      if (pathname === "/admin") return env.ADMIN.ping();
      if (pathname === "/until-v2") {
        let calls = 0;
        const failures: string[] = [];
        for (let version = "v1"; calls < 1000 || version === "v1"; calls += 1) {
          try {
            version = await env.CALLEE.version();
          } catch (error: any) {
            failures.push(error.message + " " + error.retryable);
          }
        }
        return Response.json({ calls, failures });
      }
      return "caller";
    });
  },
};
`;

export const CALLEE: string = `
import { WorkerEntrypoint } from "cloudflare:workers";
export default class extends WorkerEntrypoint {
  fetch() { return new Response("fetched v1"); }
  version() { return "v1"; }
  async slow() {
    console.log("slow call began");
    await new Promise((resolve) => setTimeout(resolve, 50_000));
  }
}
export class Admin extends WorkerEntrypoint { ping() { return "pong"; } }
`;

/** A caller and a callee in folders of their own, in one workspace. */
export function twoWorkers(): Record<string, string> {
  return {
    "package-lock.json": "{}",
    "caller/wrangler.json": config("caller", {
      services: [
        { binding: "CALLEE", service: "callee" },
        { binding: "ADMIN", service: "callee", entrypoint: "Admin" },
      ],
    }),
    "caller/src/index.ts": CALLER,
    "callee/wrangler.json": config("callee"),
    "callee/src/index.ts": CALLEE,
  };
}

export const CALLER_CONFIG = "caller/wrangler.json";
export const CALLEE_CONFIG = "callee/wrangler.json";

/** Resolves when this was printed, before or after the Ready line. */
export async function printed(dev: RunningDev, pattern: RegExp): Promise<void> {
  if (!pattern.test(dev.output)) await dev.waitForLine(pattern);
}

/** Resolves when a binding was shown as connected, if need be later than in the first table. */
export async function connected(dev: RunningDev, binding = "CALLEE"): Promise<void> {
  await printed(dev, new RegExp(`env\\.${binding}\\b.*\\[connected\\]`));
}
