/** How the probes of this folder tell what happened. */

/** What a thrown value shows, without what differs between machines. */
const thrown = (error) => ({
  threw: String(error),
  ...Object.fromEntries(
    ["remote", "retryable", "overloaded", "durableObjectReset", "durableObjectId"].flatMap((key) =>
      error?.[key] === undefined ? [] : [[key, key === "durableObjectId" ? "<id>" : error[key]]],
    ),
  ),
});

export const attempt = async (run) => {
  try {
    const value = await run();
    return value === undefined ? "undefined" : value;
  } catch (error) {
    return thrown(error);
  }
};

const isPlain = (value) =>
  Array.isArray(value) || [Object.prototype, null].includes(Object.getPrototypeOf(value));

/** Inside of an object: the outcome of each step, in order. */
export const steps = async (list) => {
  const outcomes = [];
  for (const step of list) {
    const outcome = await attempt(step);
    // What cannot be sent, such as a cursor, is told by its name.
    const isData = outcome === null || typeof outcome !== "object" || isPlain(outcome);
    outcomes.push(isData ? outcome : String(outcome));
  }
  return outcomes;
};

export const show = (value) => {
  if (value instanceof Map) return { Map: [...value].map(([k, v]) => [k, show(v)]) };
  if (value instanceof Set) return { Set: [...value].map(show) };
  if (value instanceof Date) return { Date: value.getTime() };
  if (value instanceof RegExp) return { RegExp: String(value) };
  if (value instanceof Error) return { Error: String(value) };
  if (value instanceof ArrayBuffer) return { ArrayBuffer: [...new Uint8Array(value)] };
  if (ArrayBuffer.isView(value)) return { [value.constructor.name]: [...value] };
  if (value instanceof Headers) return { Headers: [...value] };
  if (typeof value === "bigint") return { bigint: String(value) };
  if (value === undefined) return "undefined";
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (Object.is(value, -0)) return "-0";
  if (Array.isArray(value)) return value.map(show);
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, show(v)]));
  }
  return value;
};
