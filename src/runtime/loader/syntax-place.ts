/**
 * Where a SyntaxError is: V8 knows it, and of a module Node gives it to nobody but the inspector. Asked
 * only of code that does not compile, while no code of the Worker runs.
 */

import { displayPath } from "../../isolate/errors/source-maps.ts";
import { hostModule } from "../../isolate/own-world.ts";

/** As far as it is used here. */
interface Inspector {
  readonly Session: new () => {
    connect(): void;
    disconnect(): void;
    post(
      method: string,
      params: object,
      done: (
        error: Error | null,
        answer: { readonly exceptionDetails?: { lineNumber: number; columnNumber: number } },
      ) => void,
    ): void;
  };
}

const RUN = "__droverCompile";

/** Runs `compile`; the stack of a SyntaxError that it throws names the place, with a column from 0. */
export function compileWithPlace<T>(url: string, compile: () => T): T {
  try {
    return compile();
  } catch (error) {
    if (error instanceof SyntaxError) {
      const place = placeOf(compile);
      const frame = place === undefined ? "" : `\n    at ${displayPath(url)}:${place}`;
      error.stack = `${error.name}: ${error.message}${frame}`;
    }
    throw error;
  }
}

/** "line:column". */
function placeOf(compile: () => unknown): string | undefined {
  const inspector = hostModule("node:inspector") as Inspector | undefined;
  if (inspector === undefined) return undefined;
  const session = new inspector.Session();
  let place: string | undefined;
  session.connect();
  Object.defineProperty(globalThis, RUN, { value: compile, configurable: true });
  const expression = `${RUN}()`;
  session.post("Runtime.evaluate", { expression, silent: true }, (_error, answer) => {
    const details = answer?.exceptionDetails;
    if (details !== undefined) place = `${details.lineNumber + 1}:${details.columnNumber}`;
  });
  Reflect.deleteProperty(globalThis, RUN);
  session.disconnect();
  return place;
}
