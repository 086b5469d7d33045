/** @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Milliseconds per round of a loop inside a Worker: a long request minus a short one, so that the
 * request itself cancels out.
 * @param {(rounds: number) => Promise<void>} request
 * @param {number} rounds
 */
export async function perRound(request, rounds, repeats = 5) {
  const short = Math.max(1, Math.round(rounds / 20));
  const time = async (n) => {
    const startedAt = performance.now();
    await request(n);
    return performance.now() - startedAt;
  };
  await time(rounds); // Warm up.
  const samples = [];
  for (let i = 0; i < repeats; i++) {
    samples.push(((await time(rounds)) - (await time(short))) / (rounds - short));
  }
  return median(samples);
}

/**
 * For `perRound`: messages to an end that sends each of them back, one after the other.
 * @param {import("node:events").EventEmitter} end
 * @param {string} event of `end`, for what came back
 * @param {() => void} send
 */
export const echoes = (end, event, send) => (rounds) =>
  new Promise((resolve) => {
    let left = rounds;
    end.removeAllListeners(event);
    end.on(event, () => {
      left -= 1;
      if (left <= 0) resolve(undefined);
      else send();
    });
    send();
  });
