/**
 * The standard's algorithm of `URLPattern` (package urlpattern-polyfill), the same on every version of Node. Apart from
 * url-pattern.ts, because it is large and loaded with a thread's first pattern (scripts/late-groups.js).
 */
import { URLPattern as Standard } from "urlpattern-polyfill/urlpattern";

// The package's types name neither options nor a base with them.
type Create = new (
  input: unknown,
  baseOrOptions?: string | { readonly ignoreCase: boolean },
  options?: { readonly ignoreCase: boolean },
) => Standard;

/** Throws what the package says of wrong patterns. `base`: only with a text. */
export function createStandardPattern(
  input: unknown,
  base: string | undefined,
  ignoreCase: boolean,
): Standard {
  const Constructor = Standard as unknown as Create;
  if (base === undefined) return new Constructor(input, { ignoreCase });
  return new Constructor(input, base, { ignoreCase });
}
