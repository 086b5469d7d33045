/**
 * Durable Objects and D1 databases of one Worker as tests reach them, under the names of `createTestHarness` and with its texts.
 * Called by dev-server.ts.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  listMigrations,
  migrationSettings,
  migrationTable,
  noMigrationsText,
} from "../config/d1-migrations.ts";
import type { ResolvedConfig } from "../config/types.ts";
import type { ObjectName } from "../protocol/env-access.ts";
import { splitStatements } from "../storage/sql/statements.ts";
import type { WorkerEnv } from "./worker-env.ts";

export type { ObjectName };

/** Rows of `exec(...).toArray()`. */
export type SqlRows = readonly Readonly<Record<string, unknown>>[];

export interface ObjectStorageAccess {
  exec(sql: string, ...params: readonly unknown[]): Promise<SqlRows>;
}

export interface WorkerObjects {
  /** Ids of the objects that have stored something or live. `namespace`: name of a class or of a binding to one of its own. */
  listDurableObjectIds(namespace: string): Promise<readonly string[]>;
  /**
   * Ends an object in memory as soon as it has nothing to do; its storage stays, and so do its hibernating WebSockets.
   *
   * @throws Error if it does not run
   */
  evictDurableObject(namespace: string, object: ObjectName): Promise<void>;
  /** SQL on an object's storage, between two of its events. */
  getDurableObjectStorage(namespace: string, object: ObjectName): Promise<ObjectStorageAccess>;
  /** Runs an object's alarm now, however far away it is; false if none is set. */
  runDurableObjectAlarm(namespace: string, object: ObjectName): Promise<boolean>;
  /**
   * Applies the files of the database's `migrations_dir` that have not been.
   *
   * @throws Error with what SQLite says, or if there is no folder
   */
  applyD1Migrations(binding: string): Promise<void>;
  /**
   * Not there yet: the promise rejects.
   *
   * @throws Error that says so
   */
  introspectWorkflow(binding: string): Promise<never>;
  /** As introspectWorkflow. */
  introspectWorkflowInstance(binding: string, id: string): Promise<never>;
}

export function workerObjects(config: () => ResolvedConfig, env: () => WorkerEnv): WorkerObjects {
  const classOf = (namespace: string): string => {
    const { name, bindings, durableObjects } = config();
    const binding = bindings.find((each) => each.name === namespace);
    if (binding?.type === "durable-object" && [undefined, name].includes(binding.service)) {
      return binding.className;
    }
    if (durableObjects.some((each) => each.name === namespace)) return namespace;
    throw new TypeError(
      `No Durable Object class or namespace binding named "${namespace}" found in "${name}" worker.`,
    );
  };
  return {
    async listDurableObjectIds(namespace) {
      const className = classOf(namespace);
      return await (await env().access()).objectIds(className);
    },
    async evictDurableObject(namespace, object) {
      const className = classOf(namespace);
      if (await (await env().access()).evictObject(className, object)) return;
      throw new Error("Cannot evict Durable Object: it is not currently running.");
    },
    async getDurableObjectStorage(namespace, object) {
      const className = classOf(namespace);
      return {
        exec: async (sql, ...params) =>
          await (await env().access()).execSql(className, object, sql, params),
      };
    },
    async runDurableObjectAlarm(namespace, object) {
      const className = classOf(namespace);
      return await (await env().access()).runAlarm(className, object);
    },
    applyD1Migrations: (binding) => applyMigrations(binding, config(), env()),
    introspectWorkflow: (binding) => refuseWorkflow("introspectWorkflow", binding, config()),
    introspectWorkflowInstance: (binding) =>
      refuseWorkflow("introspectWorkflowInstance", binding, config()),
  };
}

async function refuseWorkflow(
  method: string,
  binding: string,
  { name }: ResolvedConfig,
): Promise<never> {
  throw new Error(
    `${method}("${binding}") of the Worker "${name}" does nothing: drover does not run Workflows yet (docs/testing.md).`,
  );
}

/** Of `env`, as far as it is used here. */
interface Database {
  prepare(sql: string): Statement;
  batch(statements: readonly Statement[]): Promise<unknown>;
}

interface Statement {
  all(): Promise<{ readonly results: readonly { readonly name: string }[] }>;
}

async function applyMigrations(
  binding: string,
  { name, raw, root }: ResolvedConfig,
  env: WorkerEnv,
): Promise<void> {
  const items = Array.isArray(raw.d1_databases) ? (raw.d1_databases as unknown[]) : [];
  const item = items.find(
    (each): each is Record<string, unknown> =>
      typeof each === "object" && each !== null && "binding" in each && each.binding === binding,
  );
  if (item === undefined) {
    throw new TypeError(`No D1 database binding named "${binding}" found in "${name}" worker.`);
  }
  const settings = migrationSettings(item, root);
  const files = listMigrations(settings);
  if (files === undefined) throw new Error(noMigrationsText(settings));
  const database = (await env.get())[binding] as Database;
  const table = migrationTable(settings);
  await database.prepare(table.create).all();
  const { results } = await database.prepare(table.applied).all();
  const applied = new Set(results.map((row) => row.name));
  for (const file of files) {
    if (applied.has(file)) continue;
    const text = await readFile(join(settings.folder, file), "utf8");
    // One transaction: what fails leaves nothing of its file.
    await database.batch([
      ...splitStatements(text).map((statement) => database.prepare(statement.text)),
      database.prepare(table.record(file)),
    ]);
  }
}
