/**
 * `node:console` (spec/node.md 4.2): the global `console`, which gets Node's class and a few names more
 * with the first import, as in production.
 */
import { hostModule } from "../isolate/own-world.ts";
import { notImplemented } from "./errors.ts";

/** `process`: whose streams stand for the console's. */
export function consoleModule(console: object, process: object): object {
  const native = hostModule("console") as { readonly Console: unknown };
  const refused = (name: string) => () => {
    throw notImplemented(`Console.${name}`);
  };
  for (const name of ["stdout", "stderr"]) {
    Object.defineProperty(console, `_${name}`, {
      get: () => Reflect.get(process, name) as unknown,
      enumerable: true,
      configurable: true,
    });
  }
  return Object.assign(console, {
    Console: native.Console,
    _ignoreErrors: true,
    _stderrErrorHandler: () => {},
    _stdoutErrorHandler: () => {},
    _times: new Map(),
    context: refused("context"),
    createTask: refused("createTask"),
  });
}
