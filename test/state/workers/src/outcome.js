/** What a case gave, as JSON that can be compared: values by type, errors by class and text. */

export async function outcomeOf(run) {
  try {
    return shown(await run());
  } catch (error) {
    return failure(error);
  }
}

/** An array of outcomes, each `run` on its own; tells a throw from a rejection. */
export async function outcomes(...runs) {
  const results = [];
  for (const run of runs) {
    let promise;
    try {
      promise = run();
    } catch (error) {
      results.push(`throws ${failure(error)}`);
      continue;
    }
    results.push(await outcomeOf(() => promise));
  }
  return results;
}

function failure(error) {
  if (!(error instanceof Error)) return `thrown value ${String(error)}`;
  // Of a DOMException the real runtime shows its accessors as own properties.
  const { code: _code, name: _name, message: _message, stack: _stack, ...rest } = error;
  const own = Object.keys(rest).length === 0 ? "" : ` ${JSON.stringify(rest)}`;
  const cause = error.cause instanceof Error ? ` <- ${failure(error.cause)}` : "";
  return `${error.constructor.name}: ${error.message}${own}${cause}`;
}

export function shown(value) {
  if (value === undefined) return "(undefined)";
  if (typeof value === "number" && !Number.isFinite(value)) return `(${value})`;
  if (Object.is(value, -0)) return "(-0)";
  if (typeof value === "bigint") return `(bigint ${value})`;
  if (typeof value === "function") return "(function)";
  if (value === null || typeof value !== "object") return value;
  if (value instanceof Error) return failure(value);
  if (value instanceof Date) return `(Date ${value.toISOString()})`;
  if (value instanceof ArrayBuffer) return `(ArrayBuffer ${[...new Uint8Array(value)].join()})`;
  if (ArrayBuffer.isView(value)) {
    return `(${value.constructor.name} ${[...new Uint8Array(value.buffer)].join()})`;
  }
  if (value instanceof Map) return { Map: [...value].map(([k, v]) => [shown(k), shown(v)]) };
  if (Array.isArray(value)) return value.map(shown);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shown(inner)]));
}
