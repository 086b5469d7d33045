import { dirname } from "node:path";

/** `folder`, its parent, and so on to the root of the file system. */
export function* ancestors(folder: string): Generator<string> {
  for (let current = folder; ; current = dirname(current)) {
    yield current;
    if (dirname(current) === current) return;
  }
}
