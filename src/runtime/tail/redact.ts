/** What tail events hide of requests (spec/platform.md 16.1); pure. */

const HIDDEN = "REDACTED";
const RUN = /[A-Za-z0-9+\-_]+/g;
const LONG_HEX = 32;
const LONG_WORD = 21;

/** `name` in lower case. */
export function isSecretHeader(name: string): boolean {
  return /^(?:set-)?cookie$|auth|jwt|key|secret|token/.test(name);
}

export function redactHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, isSecretHeader(name) ? HIDDEN : value]),
  );
}

/** Runs that look like ids, keys or card numbers. */
export function redactUrl(url: string): string {
  return url.replace(RUN, (run) => (isSecret(run) ? HIDDEN : run));
}

function isSecret(run: string): boolean {
  const count = (pattern: RegExp): number => run.match(pattern)?.length ?? 0;
  if (run.length >= LONG_HEX && /^[0-9a-f]+$/i.test(run)) return true;
  if (/^\d{13,19}$/.test(run) && passesLuhn(run)) return true;
  if (run.length < LONG_WORD) return false;
  return count(/\d/g) >= 2 && count(/[A-Z]/g) >= 2 && count(/[a-z]/g) >= 2;
}

function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (const [index, digit] of [...digits].reverse().entries()) {
    const value = Number(digit) * (index % 2 === 1 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
}
