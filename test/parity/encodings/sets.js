/** Dates around what has changed. */
export const SETS = {
  "2026-02-23": { date: "2026-02-23", flags: [] },
  "2026-02-24": { date: "2026-02-24", flags: [] },
  "2026-03-03": { date: "2026-03-03", flags: [] },
  "2026-03-03 without": { date: "2026-03-03", flags: ["disable_text_decoder_cjk_decoder"] },
};
