/**
 * `drover call` without the rest of the command line, which takes longer to load than the call: a program of its own
 * (scripts/build-programs.js). Called once by start.ts; forms that are not plain go to main.ts.
 */
import { readVersion } from "../util/version.ts";
import { runCall } from "./commands/call.ts";
import { runMain } from "./run-main.ts";

/** `args`: a method and its arguments, and perhaps `--json` (start.ts has looked). */
export async function main(args: readonly string[]): Promise<void> {
  const json = args.includes("--json");
  const [method = "", ...rest] = args.filter((arg) => arg !== "--json");
  await runMain((terminal) =>
    runCall(method, rest, { json }, { terminal, version: readVersion() }),
  );
}
