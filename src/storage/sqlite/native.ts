/**
 * The API that both engines have in common, as far as drover uses it: `node:sqlite` and
 * `@photostructure/sqlite`, which copies it. Only database.ts and engines.ts know it.
 */

export interface NativeStatement {
  run(...parameters: readonly unknown[]): unknown;
  get(...parameters: readonly unknown[]): unknown;
  all(...parameters: readonly unknown[]): unknown[];
  iterate(...parameters: readonly unknown[]): Iterator<unknown>;
  columns(): readonly { readonly name: string }[];
  setReadBigInts(enabled: boolean): void;
  setReturnArrays(enabled: boolean): void;
}

export interface NativeDatabase {
  readonly isOpen: boolean;
  readonly isTransaction: boolean;
  exec(sql: string): void;
  prepare(sql: string): NativeStatement;
  setAuthorizer(authorizer: ((...details: never[]) => number) | null): void;
  close(): void;
}

export interface NativeOptions {
  readonly readOnly?: boolean;
  readonly timeout: number;
  readonly enableForeignKeyConstraints: boolean;
  readonly enableDoubleQuotedStringLiterals: boolean;
  readonly allowExtension: boolean;
  readonly defensive: boolean;
}

export type NativeDatabaseClass = new (path: string, options: NativeOptions) => NativeDatabase;
