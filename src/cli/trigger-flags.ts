/** The flags of `drover trigger`, as data. */
import type { Flag } from "./flags.ts";

export const triggerFlags: readonly Flag[] = [
  { name: "cron", kind: "string", value: "expression", help: "the trigger that fires" },
  {
    name: "time",
    kind: "string",
    help: "when it fires: a date, or milliseconds since the epoch (default: now)",
  },
];
