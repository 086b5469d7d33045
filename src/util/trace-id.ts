/** Ids of traces, as W3C trace context has them: host and thread name a request alike without a word. */

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-/i;
const NONE = "0".repeat(32);

/** Not the one of a Worker, whose code may replace it. */
const { random } = Math;

/** So many hexadecimal digits, for names that nobody need guess. */
export function randomHex(digits: number): string {
  let text = "";
  while (text.length < digits) text += Math.floor(random() * 16).toString(16);
  return text;
}

/**
 * 32 hexadecimal digits: the client's own if it sent a `traceparent` header ("": it did not), else `seed` (24 digits)
 * and the request's number.
 */
export function traceIdOf(seed: string, number: number, traceparent: string): string {
  const given = traceparent === "" ? undefined : TRACEPARENT.exec(traceparent)?.[1];
  if (given !== undefined && given !== NONE) return given.toLowerCase();
  return seed + (number % 0x1_0000_0000).toString(16).padStart(8, "0");
}
