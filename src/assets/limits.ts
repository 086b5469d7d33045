/** Production's limits that hold locally too (spec/assets.md 2). */

export const MAX_FILE_SIZE: number = 25 * 1024 * 1024;
export const MAX_FILES: number = 100_000;
