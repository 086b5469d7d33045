/**
 * When frames within one thread move on: in a tick, which runs before timers and sockets. A chain
 * of calls or an endless stream would keep those waiting for ever, so that every so often a tick
 * waits for them instead.
 */
const TICKS_PER_TURN = 128;

let ticks = 0;

/** Run `fn` in a tick, or in the next turn of the event loop. Whoever uses it has one `fn` under way. */
export function runSoon(fn: () => void): void {
  ticks += 1;
  if (ticks % TICKS_PER_TURN === 0) setImmediate(fn);
  else process.nextTick(fn);
}
