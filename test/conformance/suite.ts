import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { eventually } from "../helpers/eventually.ts";
import { type RunningDev, runDev } from "../helpers/run-dev.ts";
import { FLAGS, TOPOLOGIES } from "./topologies.js";

export type TopologyName = keyof typeof TOPOLOGIES;
type FlagSet = keyof typeof FLAGS;

interface Case {
  readonly name: string;
  readonly options: { readonly not?: readonly string[]; readonly date?: FlagSet };
}

/** Write the Workers of a topology as a drover project; answers their configs in order. */
export function writeProject(topology: TopologyName, date: FlagSet) {
  const root = mkdtempSync(join(tmpdir(), "drover-conformance-"));
  cpSync(join(import.meta.dirname, "workers"), join(root, "src"), { recursive: true });
  const configs = TOPOLOGIES[topology].map((worker) => {
    const path = join(root, `wrangler.${worker.name}.json`);
    writeFileSync(
      path,
      JSON.stringify({
        name: worker.name,
        main: `src/${worker.main}`,
        compatibility_date: worker.date ?? FLAGS[date].date,
        compatibility_flags: worker.flags ?? FLAGS[date].flags,
        services: Object.entries(worker.services).map(([binding, target]) => ({
          binding,
          ...target,
        })),
      }),
    );
    // The real binary finds it by path; wrangler.<name>.json is an ordinary -c argument.
    return path;
  });
  return { configs, remove: () => rmSync(root, { recursive: true, force: true }) };
}

/**
 * Define one test per behaviour, run in this topology. `start` gets the configs and starts the
 * processes; the first Worker holds the cases.
 */
export async function conformance(
  topology: TopologyName,
  label: string,
  start: (configs: readonly string[]) => Promise<{
    readonly primary: RunningDev;
    /** Other sessions that take part. */
    readonly others?: readonly RunningDev[];
    stop(): Promise<void>;
  }>,
): Promise<void> {
  for (const date of Object.keys(FLAGS) as FlagSet[]) {
    const project = writeProject(topology, date);
    const { primary, others = [], stop } = await start(project.configs);
    const cases = (await (await primary.fetch("/cases")).json()) as Case[];
    describe(`${label}, ${date} flags`, () => {
      afterAll(async () => {
        await stop();
        project.remove();
      });
      for (const { name, options } of cases) {
        if (options.not?.includes(topology) || options.not?.includes("drover")) continue;
        if (options.date !== undefined && options.date !== date) continue;
        test(name, async () => {
          const response = await primary.fetch(`/run?case=${encodeURIComponent(name)}`);
          const result = await response.text();
          expect(response.status, result).toBe(200);
          const { ok, error } = JSON.parse(result) as { ok: boolean; error?: string };
          expect(ok, error).toBe(true);
          for (const session of [primary, ...others]) await nothingIsLeft(session);
        });
      }
    });
  }
}

interface Counts {
  readonly sessions: number;
  readonly entries: number;
}

/**
 * The tables of every Worker hold nothing but their bootstrap entries, as soon as what still runs
 * (a waitUntil, a message under way) has come to its end.
 */
async function nothingIsLeft(session: RunningDev): Promise<void> {
  await eventually(async () => {
    const response = await session.fetch("/cdn-cgi/drover/status");
    const status = (await response.json()) as { workers: { name: string; rpc?: Counts }[] };
    const counts = status.workers.map(({ name, rpc }) => [name, rpc?.sessions, rpc?.entries]);
    expect(counts).toEqual(status.workers.map(({ name }) => [name, 0, 0]));
  });
}

/** All Workers in one session. */
export async function oneSession(configs: readonly string[]) {
  const dev = await runDev(configs, { args: ["--no-registry"] });
  return {
    primary: dev,
    async stop() {
      await dev[Symbol.asyncDispose]();
    },
  };
}
