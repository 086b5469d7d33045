/** A value as JSON that tells what a program can see of it. */
const ERROR_KEYS = ["code", "errno", "syscall", "path", "dest", "operator", "generatedMessage"];

export function shown(value) {
  if (value instanceof Error) return shownError(value);
  switch (typeof value) {
    case "undefined":
      return "undefined";
    case "bigint":
      return `${value}n`;
    case "function":
      return `function ${value.name}`;
    case "symbol":
      return String(value);
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "object":
      break;
    default:
      return value;
  }
  if (value === null) return null;
  if (Array.isArray(value)) return value.map(shown);
  if (value instanceof Date) return `Date ${value.getTime()}`;
  if (ArrayBuffer.isView(value)) {
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    return `${value.constructor.name} ${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  }
  if (value instanceof ArrayBuffer) return `ArrayBuffer ${value.byteLength}`;
  const entries = Object.entries(value).map(([key, inner]) => [key, shown(inner)]);
  return Object.fromEntries(entries);
}

function shownError(error) {
  const result = { class: classOf(error), name: error.name, message: error.message };
  for (const key of ERROR_KEYS) if (error[key] !== undefined) result[key] = shown(error[key]);
  return result;
}

function classOf(error) {
  for (const cls of [TypeError, RangeError, SyntaxError]) {
    if (error instanceof cls) return cls.name;
  }
  return error instanceof DOMException ? "DOMException" : "Error";
}

/** What `run` throws, or "nothing". */
export async function thrown(run) {
  try {
    await run();
    return "nothing";
  } catch (error) {
    return shown(error);
  }
}
