/**
 * Service-worker format: an entry that exports nothing and listens to events of the global scope
 * (spec/platform.md 17, spec/wrangler.md 4). Pure; asked by bundler.ts for each build without exports.
 */
import type { BundleModule } from "../protocol/bundle.ts";
import { shownPath } from "./build-result.ts";
import type { BundledOutput } from "./bundled-output.ts";

const LISTENS = /\baddEventListener\b/;

/**
 * The entry as a script; as a module if it imports something, such as text or WebAssembly. A text: why it is
 * neither.
 */
export function serviceWorkerEntry(
  { entry, imports, builtins }: BundledOutput,
  main: string,
): BundleModule | string {
  if (typeof entry.contents !== "string" || !LISTENS.test(entry.contents)) {
    return `The entry-point ${shownPath(main)} exports nothing, and listens to nothing.\nMake it an ES module Worker: export default { fetch(request, env, ctx) { ... } }`;
  }
  if (builtins.length > 0) {
    const refused = new Intl.ListFormat("en-US").format(builtins.map((name) => `"${name}"`));
    return `Unexpected external import of ${refused}.\nYour worker has no default export, which means it is assumed to be a Service Worker format Worker.\nDid you mean to create a ES Module format Worker?\nIf so, try adding \`export default { ... }\` in your entry-point.\nSee https://developers.cloudflare.com/workers/reference/migrate-to-module-workers/.`;
  }
  return imports.length === 0 ? { ...entry, kind: "script" } : entry;
}
