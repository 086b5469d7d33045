/** Errors of `node:` modules in production's words (spec/node.md 3). */

type ErrorClass = new (message: string) => Error;

export function nodeError(cls: ErrorClass, code: string, message: string): Error {
  return Object.assign(new cls(message), { code });
}

export function notImplemented(name: string): Error {
  const message = `The ${name} method is not implemented`;
  return nodeError(Error, "ERR_METHOD_NOT_IMPLEMENTED", message);
}

/** ERR_INVALID_ARG_TYPE; `expected` such as "of type function". */
export function invalidType(name: string, expected: string, value: unknown): Error {
  const message = `The "${name}" argument must be ${expected}. Received ${received(value)}`;
  return nodeError(TypeError, "ERR_INVALID_ARG_TYPE", message);
}

/** The same of a property, such as "options.x". */
export function invalidProperty(name: string, expected: string, value: unknown): Error {
  const message = `The "${name}" property must be ${expected}. Received ${received(value)}`;
  return nodeError(TypeError, "ERR_INVALID_ARG_TYPE", message);
}

/** What Node says of a value that it did not expect. */
export function received(value: unknown): string {
  if (value === null || value === undefined) return `${value}`;
  if (typeof value === "function") return `function ${value.name}`;
  if (typeof value === "object") {
    const name = value.constructor?.name;
    return name ? `an instance of ${name}` : "[Object: null prototype] {}";
  }
  const shown = typeof value === "string" ? `'${value}'` : String(value);
  return `type ${typeof value} (${shown.length > 28 ? `${shown.slice(0, 25)}...` : shown}${typeof value === "bigint" ? "n" : ""})`;
}
