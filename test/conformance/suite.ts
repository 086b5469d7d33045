import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { eventually } from "../helpers/eventually.ts";
import { type RunningDev, runDev } from "../helpers/run-dev.ts";
import { FLAGS, type FlagSet, TOPOLOGIES, type TopologyWorker } from "./topologies.js";

export type TopologyName = keyof typeof TOPOLOGIES;

/** Workers, and the sets of date and flags that they run with. */
export interface Topology {
  readonly name: string;
  readonly workers: readonly TopologyWorker[];
  readonly sets: Readonly<Record<string, FlagSet>>;
}

function known(name: TopologyName): Topology {
  return { name, workers: TOPOLOGIES[name], sets: FLAGS };
}

interface Case {
  readonly name: string;
  readonly options: {
    readonly not?: readonly string[];
    readonly date?: string;
    readonly dates?: readonly string[];
  };
}

/** Write the Workers of a topology as a drover project; answers their configs in order. */
export function writeProject(workers: readonly TopologyWorker[], { date, flags }: FlagSet) {
  const root = mkdtempSync(join(tmpdir(), "drover-conformance-"));
  cpSync(join(import.meta.dirname, "workers"), join(root, "src"), { recursive: true });
  const configs = workers.map((worker) => {
    const path = join(root, `wrangler.${worker.name}.json`);
    writeFileSync(
      path,
      JSON.stringify({
        name: worker.name,
        main: `src/${worker.main}`,
        compatibility_date: worker.date ?? date,
        compatibility_flags: worker.flags ?? flags,
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
  topology: TopologyName | Topology,
  label: string,
  start: (configs: readonly string[]) => Promise<{
    readonly primary: RunningDev;
    /** Other sessions that take part. */
    readonly others?: readonly RunningDev[];
    stop(): Promise<void>;
  }>,
): Promise<void> {
  const { name: where, workers, sets } = typeof topology === "string" ? known(topology) : topology;
  for (const [date, set] of Object.entries(sets)) {
    const project = writeProject(workers, set);
    const { primary, others = [], stop } = await start(project.configs);
    const cases = (await (await primary.fetch("/cases")).json()) as Case[];
    describe(`${label}, ${date} flags`, () => {
      afterAll(async () => {
        await stop();
        project.remove();
      });
      for (const { name, options } of cases) {
        if (options.not?.includes(where) || options.not?.includes("drover")) continue;
        if (options.date !== undefined && options.date !== date) continue;
        if (options.dates !== undefined && !options.dates.includes(date)) continue;
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
