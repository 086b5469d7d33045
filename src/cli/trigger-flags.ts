/** The flags of `drover trigger`, as data. */
import type { Flag } from "./flag.ts";

export const triggerFlags: readonly Flag[] = [
  { name: "cron", kind: "string", value: "expression", help: "the trigger that fires" },
  {
    name: "time",
    kind: "string",
    help: "when it fires: a date, or milliseconds since the epoch (default: now)",
  },
  { name: "from", kind: "string", value: "address", help: "email: whom the message is from" },
  { name: "to", kind: "string", value: "address", help: "email: whom it is for" },
  { name: "raw", kind: "string", value: "file", help: "email: the message itself; - for stdin" },
];
