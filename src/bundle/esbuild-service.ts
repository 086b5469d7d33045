/**
 * The one esbuild child process of a session process, started on first use. Everything in bundle/
 * gets esbuild from here, so that importing this layer costs nothing before the first build.
 */
import type * as Esbuild from "esbuild";

/**
 * GOGC of the child process, unless the user has one: how much its heap may grow between collections.
 * A rebuild of an Express app spends an eighth less (bench/cases/rebuild.js) for 10 MB; 400 would
 * bring little more for 80 MB.
 */
const HEAP_GROWTH = "200";

let loading: Promise<typeof Esbuild> | undefined;
/** Number of the child process: how many were replaced. */
let current = 0;

/** esbuild's API, with its child process started. That does not keep this process alive. */
export function loadEsbuild(): Promise<typeof Esbuild> {
  loading ??= import("esbuild").then((esbuild) => {
    startChild(esbuild);
    return esbuild;
  });
  return loading;
}

/**
 * Starts esbuild's child process (15-20 ms) so that it is up when the first build asks for it.
 * Call before reading configs; does not throw: the first build reports a broken installation.
 */
export function warmUp(): void {
  loadEsbuild().catch(() => {});
}

/**
 * esbuild starts it in its first call, with this process's environment: changed for no longer than that
 * call takes, so that no other child has it.
 */
function startChild(esbuild: typeof Esbuild): void {
  const isOwn = process.env.GOGC === undefined;
  if (isOwn) process.env.GOGC = HEAP_GROWTH;
  try {
    esbuild.transform("").catch(() => {});
  } catch {
    // No binary for this machine: the first build says so.
  } finally {
    if (isOwn) delete process.env.GOGC;
  }
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
  loading = undefined;
  await esbuild.stop();
}
