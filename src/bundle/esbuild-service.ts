/**
 * The one esbuild child process of a session process, started on first use. Everything in bundle/
 * gets esbuild from here, so that importing this layer costs nothing before the first build.
 */
import type * as Esbuild from "esbuild";

let loading: Promise<typeof Esbuild> | undefined;
/** Number of the child process: how many were replaced. */
let current = 0;

/** esbuild's API, loaded once. Its child process does not keep this process alive. */
export function loadEsbuild(): Promise<typeof Esbuild> {
  loading ??= import("esbuild");
  return loading;
}

/**
 * Starts esbuild's child process (15-20 ms) so that it is up when the first build asks for it.
 * Call before reading configs; does not throw: the first build reports a broken installation.
 */
export function warmUp(): void {
  loadEsbuild()
    .then((esbuild) => esbuild.transform(""))
    .catch(() => {});
}

/** Which child process a context that is opened now belongs to, for `replaceEsbuild`. */
export function currentEsbuild(): number {
  return current;
}

/** True if a call failed because esbuild's child process ended: killed, or out of memory. */
export function hasLostEsbuild(error: unknown): boolean {
  return (
    error instanceof Error && /^The service (was stopped|is no longer running)/.test(error.message)
  );
}

/**
 * The next call starts another child process instead of the dead one. `lost`: the one that the
 * caller saw die; nothing happens if another bundler has replaced it already.
 */
export async function replaceEsbuild(lost: number): Promise<void> {
  if (lost !== current) return;
  current += 1;
  await stopEsbuild();
}

/** Ends esbuild's child process; a later build starts another. Call after disposing all bundlers. */
export async function stopEsbuild(): Promise<void> {
  if (loading === undefined) return;
  const esbuild = await loading;
  await esbuild.stop();
}
