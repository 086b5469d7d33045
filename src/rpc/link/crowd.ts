/**
 * How many threads of the machine want a processor now. Linux says how many do at this moment; the mean of such
 * moments is that of the last second. Elsewhere there is only the system's load, a mean of a minute, which still shows
 * a build long after its end. It is reckoned anew every five seconds: two values in a row give the moment between
 * them. One per thread, asked by awake.ts.
 */
import { nodeFs, nodeOs } from "../../util/late-modules.ts";

const MOMENTS = "/proc/loadavg";
/** How often to look, and the weight of the newest moment: the mean of about a second. */
const MOMENT_MS = 100;
const MOMENT_WEIGHT = 0.2;
/** After so long without a look those before say nothing. */
const FORGET_MS = 3000;

/** How often the system reckons its mean anew, and the time that its mean is of. */
const STEP_MS = 5000;
const MEAN_MS = 60_000;
/** The time that the mean of those moments is of. */
const OWN_MEAN_MS = 10_000;

/** From single moments. */
export class Moments {
  #mean = 0;
  #heardAt = Number.NEGATIVE_INFINITY;

  /** `wanting`: threads that run or want to, at `now` in ms. Returns their mean of the last second. */
  hear(wanting: number, now: number): number {
    if (now - this.#heardAt > FORGET_MS) this.#mean = wanting;
    else this.#mean += (wanting - this.#mean) * MOMENT_WEIGHT;
    this.#heardAt = now;
    return this.#mean;
  }
}

/** From the system's load. */
export class Load {
  #system: number | undefined;
  #changedAt = 0;
  #mean = 0;

  /** `load`: the system's mean of a minute; `now` in ms. Returns that of the last seconds. */
  hear(load: number, now: number): number {
    const before = this.#system;
    const steps = Math.round((now - this.#changedAt) / STEP_MS);
    if (before === undefined || steps * STEP_MS > MEAN_MS) {
      this.#mean = load;
    } else {
      // The same again: not reckoned anew yet, or nothing has changed.
      if (load === before && steps < 2) return this.#mean;
      const past = Math.max(1, steps) * STEP_MS;
      const kept = Math.exp(-past / MEAN_MS);
      const wanting = Math.max(0, (load - before * kept) / (1 - kept));
      this.#mean += (wanting - this.#mean) * (1 - Math.exp(-past / OWN_MEAN_MS));
    }
    this.#system = load;
    this.#changedAt = now;
    return this.#mean;
  }
}

/** The threads that run or want to, of what `/proc/loadavg` says; undefined if it does not say. */
export function runningOf(text: string): number | undefined {
  const found = / (\d+)\/\d+ /.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}

const moments = new Moments();
const load = new Load();
let hasMoments = process.platform === "linux";
let looksAt = 0;
let wanting = 0;

/** Threads that want a processor now; 0 on Windows, which does not say. */
export function wantingThreads(now: number): number {
  if (now < looksAt) return wanting;
  looksAt = now + MOMENT_MS;
  const running = hasMoments ? readMoment() : undefined;
  hasMoments = running !== undefined;
  wanting =
    running === undefined ? load.hear(nodeOs().loadavg()[0] ?? 0, now) : moments.hear(running, now);
  return wanting;
}

function readMoment(): number | undefined {
  try {
    return runningOf(nodeFs().readFileSync(MOMENTS, "latin1"));
  } catch {
    return undefined;
  }
}
