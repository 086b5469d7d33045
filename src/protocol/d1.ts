/** What the storage thread tells a Worker's thread of a D1 query, beside its rows (spec/resources.md 6). */
export interface D1Meta {
  readonly durationMs: number;
  readonly changes: number;
  readonly lastRowId: number;
  readonly changedDb: boolean;
  readonly sizeAfter: number;
  readonly rowsRead: number;
  readonly rowsWritten: number;
}
