/**
 * `getPlatformProxy` under wrangler's name and with its answers (spec/devtools-types.md 15): the bindings of a config in a program
 * that is no Worker, as adapters of frameworks use them. A session runs behind it with a Worker of drover's own in
 * place of the user's, on the data that `drover dev` has, and reaches Workers of other sessions by the registry.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { findUserConfig, viewConfig } from "../config/config-view.ts";
import { lookingPeers } from "../session/registry-peers.ts";
import { readVersion } from "../util/version.ts";
import { createDataFolder, type DevServer, startWithData } from "./dev-server.ts";

export interface GetPlatformProxyOptions {
  /** Of the config; default: CLOUDFLARE_ENV. */
  readonly environment?: string;
  /** Default: what is found from the working directory upwards. */
  readonly configPath?: string;
  /** Instead of .dev.vars and .env. */
  readonly envFiles?: readonly string[];
  /** Default: where `drover dev` has its data. False: nowhere; a path ends in "v3", as the default's does. */
  readonly persist?: boolean | { readonly path: string };
}

export interface PlatformProxy<Env = Record<string, unknown>, Cf = Record<string, unknown>> {
  /** Variables as they are; bindings as `getEnv()` of startDev has them. */
  readonly env: Env;
  /** Of a request. */
  readonly cf: Cf;
  readonly ctx: ExecutionContext;
  readonly caches: CacheStorage;
  dispose(): Promise<void>;
}

/** What is given to it is not waited for: there is no event. */
export class ExecutionContext {
  readonly props: Readonly<Record<string, unknown>> = {};

  waitUntil(_promise: Promise<unknown>): void {
    assertOwn(this, ExecutionContext);
  }

  passThroughOnException(): void {
    assertOwn(this, ExecutionContext);
  }
}

/** Keeps nothing, as wrangler's. */
export class Cache {
  async put(_request: unknown, _response: unknown): Promise<void> {}

  async match(_request: unknown): Promise<undefined> {
    return undefined;
  }

  async delete(_request: unknown): Promise<boolean> {
    return false;
  }
}

export class CacheStorage {
  readonly default: Cache = new Cache();

  async open(_name: string): Promise<Cache> {
    return new Cache();
  }
}

function assertOwn(self: unknown, type: new () => object): void {
  if (!(self instanceof type)) throw new Error("Illegal invocation");
}

/**
 * @throws UserError for a mistake in the config
 */
export async function getPlatformProxy<Env = Record<string, unknown>, Cf = Record<string, unknown>>(
  options: GetPlatformProxyOptions = {},
): Promise<PlatformProxy<Env, Cf>> {
  const cwd = process.cwd();
  const { configPath, persist = true } = options;
  const environment = options.environment ?? process.env.CLOUDFLARE_ENV;
  const persistTo = typeof persist === "object" ? parentOfState(persist.path) : undefined;
  const path = configPath === undefined ? findUserConfig(cwd) : resolve(cwd, configPath);
  const classes = path === undefined ? [] : ownClasses(path, environment, cwd);
  if (classes.length > 0) process.stderr.write(`${internalObjects(classes)}\n`);

  const folder = await mkdtemp(join(tmpdir(), "drover-proxy-"));
  const script = join(folder, "index.js");
  await writeFile(script, standInFor(classes.map(({ class_name }) => class_name)));
  const data = persist === false ? await createDataFolder() : undefined;
  const remove = async (): Promise<void> => {
    await rm(folder, { recursive: true, force: true });
    if (data !== undefined) await rm(data, { recursive: true, force: true });
  };
  let dev: DevServer | undefined;
  try {
    const peers = lookingPeers({ env: process.env, cwd, version: readVersion() });
    dev = await startWithData(
      {
        configs: [],
        cwd,
        ...(environment === undefined ? {} : { env: environment }),
        ...(options.envFiles === undefined ? {} : { envFiles: options.envFiles }),
        ...(persistTo === undefined ? {} : { persistTo }),
      },
      data,
      false,
      {
        sources: [path === undefined ? { script } : { path }],
        flags: { script, bindingsOnly: true },
        ...(peers === undefined ? {} : { peers }),
      },
    );
    const [worker] = dev.workers;
    if (worker === undefined) throw new Error("The session has no Worker.");
    const env = await worker.getEnv();
    const cf = (await (await dev.fetch("/")).json()) as Cf;
    const running = dev;
    return {
      env: env as Env,
      cf,
      ctx: new ExecutionContext(),
      caches: new CacheStorage(),
      async dispose() {
        await running.stop();
        await remove();
      },
    };
  } catch (error) {
    await dev?.stop();
    await remove();
    throw error;
  }
}

interface OwnClass {
  readonly name: string;
  readonly class_name: string;
}

/** Bindings to classes of the Worker's own, which is not there. */
function ownClasses(path: string, environment: string | undefined, cwd: string): OwnClass[] {
  const view = viewConfig(path, { cwd, environment, envFiles: [] }).select(environment);
  const { durable_objects: section } = view.raw as {
    readonly durable_objects?: {
      readonly bindings?: readonly (OwnClass & { readonly script_name?: string })[];
    };
  };
  return (section?.bindings ?? [])
    .filter(({ script_name }) => script_name === undefined || script_name === view.name)
    .map(({ name, class_name }) => ({ name, class_name }));
}

/** Wrangler's words. */
function internalObjects(classes: readonly OwnClass[]): string {
  const list = classes.map((each) => `- ${JSON.stringify(each)}`).join("\n");
  return [
    "You have defined bindings to the following internal Durable Objects:",
    list,
    "These will not work in local development, but they should work in production.",
    "",
    "If you want to develop these locally, you can define your DO in a separate Worker, with a separate configuration file.",
    "For detailed instructions, refer to the Durable Objects section here: https://developers.cloudflare.com/workers/wrangler/api#supported-bindings",
  ].join("\n");
}

/** The Worker in place of the user's: gives `request.cf`, and says of its objects that they are not there. */
function standInFor(classes: readonly string[]): string {
  const objects = [...new Set(classes)].map((name) => {
    const text = `Durable Object class "${name}" belongs to the Worker itself, which getPlatformProxy() does not run.`;
    return `class C_${name} extends DurableObject { constructor() { throw new Error(${JSON.stringify(text)}); } }
export { C_${name} as ${name} };`;
  });
  return `import { DurableObject } from "cloudflare:workers";
${objects.join("\n")}
export default { fetch: (request) => Response.json(request.cf) };
`;
}

/** Of `.wrangler/state/v3` the folder that `--persist-to` would name. */
function parentOfState(path: string): string {
  if (basename(path) === "v3") return dirname(path);
  throw new TypeError(
    `Expected persist.path to end in "v3", as ".wrangler/state/v3" does, but got "${path}".`,
  );
}
