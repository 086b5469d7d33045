import { vi } from "vitest";

/** How long something that must happen is waited for, in ms: only a failing test waits that long. */
export const PATIENCE_MS = 30_000;

/** Looks again and again until `check` passes; then, or with its last error, it settles. */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: PATIENCE_MS, interval: 10 });
}
