/**
 * A dataset of Analytics Engine in the storage thread: data points become rows of a table with the
 * columns that production's SQL API shows, in a file of its own that any SQLite reads
 * (`<state>/analytics-engine/<dataset>.sqlite`). wrangler has no such file: it drops data points.
 */
import { analyticsDatabase } from "../../storage/state-folder.ts";
import { naming } from "../failures.ts";
import { Store } from "../store.ts";

export interface DataPoint {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly index: string;
  readonly blobs: readonly (string | Uint8Array | null)[];
  readonly doubles: readonly number[];
}

const BLOBS: readonly string[] = Array.from({ length: 20 }, (_, at) => `blob${at + 1}`);
const DOUBLES: readonly string[] = Array.from({ length: 20 }, (_, at) => `double${at + 1}`);
const COLUMNS: readonly string[] = [
  "timestamp",
  "index1",
  ...BLOBS,
  ...DOUBLES,
  "_sample_interval",
];

export class AnalyticsDataset {
  readonly #store: Store;
  readonly #insert: string;

  constructor(root: string, dataset: string) {
    const table = `"${dataset.replaceAll('"', '""')}"`;
    const columns = [
      "timestamp TEXT NOT NULL",
      "index1 TEXT NOT NULL",
      ...BLOBS.map((name) => `${name} TEXT NOT NULL`),
      ...DOUBLES.map((name) => `${name} REAL NOT NULL`),
      "_sample_interval INTEGER NOT NULL",
    ];
    this.#insert = `INSERT INTO ${table} (${COLUMNS.join(", ")}) VALUES (${COLUMNS.map(() => "?").join(", ")})`;
    this.#store = new Store({
      database: analyticsDatabase(root, dataset),
      setUp: (database) =>
        database.exec(`CREATE TABLE IF NOT EXISTS ${table} (${columns.join(", ")})`),
    });
  }

  write({ time, index, blobs, doubles }: DataPoint): void {
    naming(this.#store.path, "writeDataPoint() failed: ", () => {
      const timestamp = new Date(time).toISOString().replace("T", " ").slice(0, 19);
      // As in production: a blob or double that was not given is empty, or 0.
      const texts = BLOBS.map((_, at) => blobs[at] ?? "");
      const numbers = DOUBLES.map((_, at) => doubles[at] ?? 0);
      this.#store.statement(this.#insert).run(timestamp, index, ...texts, ...numbers, 1);
    });
  }

  close(): Promise<void> {
    return this.#store.end();
  }
}
