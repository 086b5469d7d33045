/** Names of methods as people write them: `Admin.users.list`. Pure. */

export interface CallPath {
  /** Undefined: the default export. */
  readonly entrypoint: string | undefined;
  /** Properties on the way to the method, the method last. */
  readonly path: readonly string[];
}

const NAME = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** `Entrypoint.method`, `default.method`, or `method` of the default export; undefined if it is none of them. */
export function parseCallPath(text: string): CallPath | undefined {
  const names = text.split(".");
  if (!names.every((name) => NAME.test(name))) return undefined;
  const [first = "", ...rest] = names;
  if (rest.length === 0) return { entrypoint: undefined, path: names };
  return { entrypoint: first === "default" ? undefined : first, path: rest };
}

/** Calls it on a stub of its entrypoint, with one round trip however long the path is. */
export function callPath(stub: object, path: readonly string[], args: readonly unknown[]): unknown {
  let target: unknown = stub;
  for (const name of path.slice(0, -1)) target = Reflect.get(target as object, name);
  const method = path.at(-1) ?? "";
  return (Reflect.get(target as object, method) as (...args: readonly unknown[]) => unknown)(
    ...args,
  );
}
