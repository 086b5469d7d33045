/**
 * From the code that a loader was given to what the host runs: a spec and a bundle like those of any
 * Worker. What production refuses of dates, flags, sizes and stubs is refused here.
 */
import { describeExperimental, EXPERIMENTAL } from "../../../compat/experimental.ts";
import { findFlagProblems } from "../../../compat/problems.ts";
import { workerCompat } from "../../../isolate/worker-compat.ts";
import type { Bundle, BundleModule } from "../../../protocol/bundle.ts";
import type { DynamicOutbound, DynamicSpec, Packed } from "../../../protocol/dynamic.ts";
import type { WorkerSpec } from "../../../protocol/worker-spec.ts";
import { nodeV8 } from "../../../util/late-modules.ts";
import { moduleUrl } from "../../../util/module-url.ts";
import { BUNDLE_ROOT } from "../../loader/url-registry.ts";
import type { WorkerCode } from "./worker-code.ts";

/** What the host is asked to run. */
export interface CodeVersion {
  readonly spec: WorkerSpec;
  readonly bundle: Bundle;
  /** Why it cannot start; told with its first use. */
  readonly problem: string | undefined;
}

export interface VersionOptions {
  readonly service: string;
  /** For people. */
  readonly id: string | undefined;
  /** Of the Worker that loads it. */
  readonly loader: WorkerSpec;
  /** Throw DataCloneErrors. */
  readonly pack: (value: unknown) => Packed;
  readonly packStub: (stub: object) => Packed;
}

const MAX_ENV = 1024 * 1024;
const NOT_EXPERIMENTAL =
  "'allowExperimental' is only allowed when the calling worker has the 'experimental' compat flag set.";

/** Throws production's errors. */
export function createVersion(code: WorkerCode, options: VersionOptions): CodeVersion {
  const { service, id, loader, pack, packStub } = options;
  assertDate(code.compatibilityDate);
  assertFlags(code);
  if (code.allowExperimental && !loader.compatibilityFlags.includes("experimental")) {
    throw new Error(NOT_EXPERIMENTAL);
  }
  const { strict, limits } = loader;
  const { cpuMs = loader.cpuMs, subRequests } = code.limits ?? {};
  const dynamic: DynamicSpec = {
    service,
    loader: loader.name,
    env: packedEnv(code.env ?? {}, pack),
    outbound: outboundOf(code.globalOutbound, packStub),
    ...(subRequests !== undefined && { subRequests }),
    ...(code.tails.length > 0 && { tails: code.tails.map(packStub) }),
  };
  return {
    spec: {
      name: `${loader.name}[${id === undefined ? "dynamic" : id.slice(0, 40)}]`,
      compatibilityDate: code.compatibilityDate,
      compatibilityFlags: code.compatibilityFlags,
      bindings: [],
      dynamic,
      strict,
      limits,
      ...(limits !== "off" && cpuMs !== undefined && { cpuMs }),
    },
    bundle: { hash: service, modules: orderModules(code.modules, code.mainModule) },
    problem: problemOf(code),
  };
}

function assertDate(date: string): void {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) throw new Error(`Invalid compatibility date: ${date}`);
  const today = new Date().toISOString().slice(0, 10);
  if (date <= today) return;
  throw new Error(
    `This Worker requires compatibility date "${date}", but the newest date supported by this server binary is "${today}".`,
  );
}

function assertFlags({ compatibilityFlags: flags, allowExperimental }: WorkerCode): void {
  const [problem] = findFlagProblems(flags);
  if (problem !== undefined) throw new Error(problem.message);
  const experimental = allowExperimental ? undefined : flags.find((flag) => EXPERIMENTAL.has(flag));
  if (experimental !== undefined) throw new Error(describeExperimental(experimental));
}

function packedEnv(env: object, pack: (value: unknown) => Packed): Packed {
  const packed = pack(env);
  const bytes = nodeV8().serialize(packed[0]).byteLength;
  if (bytes > MAX_ENV) {
    throw new Error(
      `Dynamic Worker env size (${bytes} bytes) exceeds the maximum allowed size of ${MAX_ENV} bytes.`,
    );
  }
  return packed;
}

function outboundOf(
  given: object | null | undefined,
  packStub: VersionOptions["packStub"],
): DynamicOutbound {
  if (given === undefined) return "inherit";
  return given === null ? "none" : { stub: packStub(given) };
}

function urlOf(name: string): string {
  return moduleUrl(`./${name.replace(/^\/+/, "")}`, BUNDLE_ROOT);
}

/** The main module first. */
function orderModules(modules: readonly BundleModule[], main: string): BundleModule[] {
  const all = modules.map((module) => ({ ...module, name: urlOf(module.name) }));
  const isMain = ({ name }: BundleModule): boolean => name === urlOf(main);
  return [...all.filter(isMain), ...all.filter((module) => !isMain(module))];
}

function problemOf(code: WorkerCode): string | undefined {
  const { modules, mainModule, compatibilityDate, compatibilityFlags } = code;
  const main = modules.find(({ name }) => urlOf(name) === urlOf(mainModule));
  if (main === undefined) {
    const { flags } = workerCompat(compatibilityDate, compatibilityFlags);
    return flags.new_module_registry === true
      ? "TypeError: Main module name is not present in bundle."
      : `Error: No such module: ${mainModule}`;
  }
  return main.kind === "esm" ? undefined : "TypeError: Main module must be an ES module.";
}
