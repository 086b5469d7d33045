/** How flags may be written besides their own names. Data of arguments.ts. */

/** Other spellings that wrangler takes. */
export const flagAliases: Readonly<Record<string, string>> = {
  "compatibility-flag": "compatibility-flags",
  route: "routes",
  "x-include-runtime": "experimental-include-runtime",
  ct: "content-type",
  cd: "content-disposition",
  ce: "content-encoding",
  cl: "content-language",
  cc: "cache-control",
  "x-provision": "experimental-provision",
  "x-auto-create": "experimental-auto-create",
  "x-new-config": "experimental-new-config",
};

/** Letters that mean another flag behind this first word. */
export const ownLetters: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  kv: { f: "force" },
  logs: { f: "follow" },
};
