/** Schedules of cron triggers in Cloudflare's form. Used by the host (`--cron`) and by the clock of tests. */
import { Cron } from "croner";

/**
 * Cloudflare's form: five fields, days of the week from 1 (Sunday) to 7, names of months and days, `L`,
 * `W` and `#`. Throws an Error that says what is wrong.
 */
export function parseCron(text: string): Cron {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 5) throw new Error(`it has ${fields.length} fields instead of 5`);
  // The library takes 8 for Sunday again, and counts from 0 in its texts.
  for (const [, day] of (fields[4] as string).matchAll(/(?:^|[,-])(\d+)/g)) {
    if (Number(day) < 1 || Number(day) > 7) throw new Error("days of the week are 1 to 7");
  }
  const options = { paused: true, timezone: "UTC", mode: "5-part", sloppyRanges: true } as const;
  try {
    return new Cron(fields.join(" "), { ...options, alternativeWeekdays: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(message.replace(/^CronPattern: /, ""));
  }
}
