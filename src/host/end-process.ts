/**
 * How a host process ends. `process.exit` waits for every thread's clean-up, and a thread waits
 * there for its jobs on libuv's pool, or is in one itself: a search for a large prime goes on for
 * hours, and nothing can interrupt it. SIGKILL waits for nobody (measured: `process.exit` and
 * `process.reallyExit` were there 5 s later, SIGKILL at once; Node 20 and 24), and there is nothing
 * left to do by then: what the session must know has been written (host.ts). The session knows that
 * it asked; a host that ends unasked is its crash.
 */
export function endProcess(): void {
  process.kill(process.pid, "SIGKILL");
}
