/**
 * What a v2 build puts in place of Node's modules and some npm packages (spec/node.md 2.2, 2.3): the
 * runtime's own, or an emulation of `unenv` and `@cloudflare/unenv-preset` (the versions that wrangler
 * pins) for what the date lacks. The two are loaded only then, which takes 85 ms; from 2026-03-17 on
 * nothing is emulated.
 */
import { createRequire } from "node:module";
import { isNodeModule, NPM_SHIMS } from "./names.ts";

/** From this date on every module is the runtime's. */
const NATIVE_SINCE = "2026-03-17";

export interface NodeEnvironment {
  /** What takes the place of a specifier; undefined: it stays an import of the bundle. */
  readonly files: ReadonlyMap<string, string>;
  /** Code that runs before the Worker's, by a name: assigns globals. */
  readonly injected: ReadonlyMap<string, string>;
  /** Files that run before the Worker's code. */
  readonly polyfills: readonly string[];
}

/** Resolution from drover's own dependencies, whatever the project has. */
const require = createRequire(import.meta.url);

export async function nodeEnvironment(
  compatibilityDate: string,
  compatibilityFlags: readonly string[],
): Promise<NodeEnvironment> {
  const isNative =
    compatibilityDate >= NATIVE_SINCE &&
    !compatibilityFlags.some((flag) => /^(?:disable_nodejs_|no_fetch_iterable_)/.test(flag));
  if (isNative) {
    return { files: resolved(NPM_SHIMS), injected: new Map(), polyfills: [] };
  }
  const [{ defineEnv }, { getCloudflarePreset }] = await Promise.all([
    import("unenv"),
    import("@cloudflare/unenv-preset"),
  ]);
  const preset = getCloudflarePreset({
    compatibilityDate,
    compatibilityFlags: [...compatibilityFlags],
  });
  const { env } = defineEnv({ presets: [preset], npmShims: true });
  const emulated = Object.entries(env.alias).filter(
    ([name, target]) => name !== target && !env.external.includes(target),
  );
  return {
    files: resolved(Object.fromEntries(emulated)),
    injected: new Map(
      Object.entries(env.inject).map(([name, from]) => {
        const [module = "", member = "default"] = typeof from === "string" ? [from] : from;
        return [name, injection(name, fileOf(module), member)];
      }),
    ),
    polyfills: env.polyfill.map(fileOf),
  };
}

/** Whether `require()` of it is told with the copies of its named exports. */
export function isShim(specifier: string, file: string): boolean {
  return !isNodeModule(specifier) || file.includes("/mock/") || file.endsWith("mock.cjs");
}

function injection(name: string, file: string, member: string): string {
  return `import { ${member} as value } from ${JSON.stringify(file)};\nglobalThis.${name} = value;\n`;
}

/** What does not resolve is left alone. */
function resolved(targets: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const [name, target] of Object.entries(targets)) {
    try {
      files.set(name, fileOf(target));
    } catch {}
  }
  return files;
}

function fileOf(specifier: string): string {
  return require.resolve(specifier);
}
