/** One page of a bucket's keys, grouped by a delimiter if there is one (spec/resources.md 5.5). */
import type { R2ListOptions, R2Page } from "../../protocol/r2.ts";
import { KEYS_OF_FIRST_PAGE, KEYS_OF_PAGE } from "../key-range.ts";
import type { Store } from "../store.ts";
import { HEAD_COLUMNS, headOf } from "./rows.ts";

const plain = (wanted: string): string =>
  `SELECT ${HEAD_COLUMNS} FROM _mf_objects WHERE ${wanted} ORDER BY key LIMIT ?3`;

/** Up to and including the first delimiter after the prefix; NULL for a key without one. */
const GROUP =
  "iif(instr(substr(key, length(?1) + 1), ?4) > 0, substr(key, 1, length(?1) + instr(substr(key, length(?1) + 1), ?4) + length(?4) - 1), NULL)";

/** One row per key or group; of a group that of its last key. */
const grouped = (wanted: string): string => `
  SELECT ${HEAD_COLUMNS}, CAST(prefix AS BLOB), max(key) FROM
    (SELECT *, ${GROUP} AS prefix FROM _mf_objects WHERE ${wanted})
  GROUP BY iif(prefix IS NULL, 'k' || key, 'p' || prefix) ORDER BY max(key) LIMIT ?3`;

export function listObjects(store: Store, options: R2ListOptions): R2Page {
  const { prefix, delimiter, after, limit } = options;
  const wanted = after === "" ? KEYS_OF_FIRST_PAGE : KEYS_OF_PAGE;
  const rows =
    delimiter === ""
      ? store.statement(plain(wanted)).all(prefix, after, limit + 1)
      : store.statement(grouped(wanted)).all(prefix, after, limit + 1, delimiter);
  const page = rows.slice(0, limit);
  const isGroup = (row: (typeof rows)[number]): boolean =>
    delimiter !== "" && row[GROUP_COLUMN] !== null;
  const last = page.at(-1);
  return {
    objects: page.filter((row) => !isGroup(row)).map(headOf),
    prefixes: page
      .filter(isGroup)
      .map((row) => Buffer.from(row[GROUP_COLUMN] as Uint8Array).toString()),
    next: rows.length > limit && last !== undefined ? headOf(last).key : undefined,
  };
}

const GROUP_COLUMN = 8;
