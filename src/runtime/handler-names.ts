/** Events that production delivers to handler objects and entrypoint classes. */
export const HANDLER_NAMES: readonly string[] = [
  "fetch",
  "connect",
  "scheduled",
  "queue",
  "email",
  "tail",
  "tailStream",
  "trace",
  "test",
  "alarm",
];
