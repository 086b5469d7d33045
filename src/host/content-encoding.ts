/**
 * Which encoding an answer gets: what the client accepts, and which types are worth it
 * (spec/assets.md 11.6; the types are those that wrangler and production compress). Pure.
 */

export type Coding = "gzip" | "br" | "identity";

const CODINGS: readonly Coding[] = ["gzip", "br"];

const COMPRESSED: ReadonlySet<string> = new Set([
  "application/eot",
  "application/font",
  "application/font-sfnt",
  "application/font-woff",
  "application/geo+json",
  "application/graphql+json",
  "application/javascript",
  "application/javascript-binast",
  "application/json",
  "application/ld+json",
  "application/manifest+json",
  "application/opentype",
  "application/otf",
  "application/rss+xml",
  "application/truetype",
  "application/ttf",
  "application/vnd.api+json",
  "application/vnd.ms-fontobject",
  "application/wasm",
  "application/x-httpd-cgi",
  "application/x-javascript",
  "application/x-opentype",
  "application/x-otf",
  "application/x-perl",
  "application/x-protobuf",
  "application/x-ttf",
  "application/xhtml+xml",
  "application/xml",
  "font/otf",
  "font/ttf",
  "font/x-woff",
  "image/svg+xml",
  "image/vnd.microsoft.icon",
  "image/x-icon",
  "multipart/bag",
  "multipart/mixed",
  "text/css",
  "text/html",
  "text/javascript",
  "text/js",
  "text/plain",
  "text/richtext",
  "text/x-component",
  "text/x-java-source",
  "text/x-markdown",
  "text/x-script",
  "text/xml",
]);

/** `contentType` as it is sent, "" for none: unknown things are compressed. */
export function isCompressible(contentType: string): boolean {
  if (contentType === "") return true;
  const end = contentType.indexOf(";");
  const type = end === -1 ? contentType : contentType.slice(0, end);
  return COMPRESSED.has(type.trim().toLowerCase());
}

/**
 * `accepted`: the client's Accept-Encoding, "" for none. The heaviest of what we can do, of equals
 * the first; undefined where not even the plain bytes are wanted.
 */
export function chooseCoding(accepted: string): Coding | undefined {
  if (accepted === "") return "identity";
  let best: Coding | undefined;
  let bestWeight = 0;
  let plainWeight: number | undefined;
  for (const part of accepted.split(",")) {
    const [name = "", ...parameters] = part.split(";").map((text) => text.trim().toLowerCase());
    const quality = parameters.find((text) => text.startsWith("q="));
    const weight = quality === undefined ? 1 : Number(quality.slice(2));
    if (name === "identity" || (name === "*" && plainWeight === undefined)) plainWeight = weight;
    const coding = CODINGS.find((known) => known === name);
    if (coding === undefined || !(weight > bestWeight)) continue;
    best = coding;
    bestWeight = weight;
  }
  return best ?? (plainWeight === 0 ? undefined : "identity");
}
