/** What the programs of the commands on local data are given by program.ts. */
import type { Terminal } from "../ui/terminal.ts";

export interface LocalProgramContext {
  readonly terminal: Terminal;
  /** Of drover. */
  readonly version: string;
  readonly setCode: (code: number) => void;
}
