/**
 * Paths of URLs and paths of files (spec/assets.md 7 and 10). A file is addressed by its decoded
 * path; its canonical URL has each segment through encodeURIComponent.
 */

/** Segment by segment; one that does not decode stays. Runs of "/" become one. */
export function decodePath(pathname: string): string {
  if (!pathname.includes("%") && !pathname.includes("//")) return pathname;
  const decoded = pathname.split("/").map(decodeSegment).join("/");
  return decoded.replace(/\/{2,}/g, "/");
}

export function encodePath(path: string): string {
  // The characters that encodeURIComponent leaves alone, and the separator.
  if (/^[\w/.!~*'()-]*$/.test(path)) return path;
  return path.split("/").map(encodeURIComponent).join("/");
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
