/** Content types by file name: the table of `mime`, which wrangler uses (spec/assets.md 5.8). */
import mime from "mime";

/** "" where the ending says nothing. */
export function contentTypeOf(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  // A dotfile has no ending.
  if (name.lastIndexOf(".") <= 0) return "";
  const type = mime.getType(name) ?? "";
  return type.startsWith("text/") ? `${type}; charset=utf-8` : type;
}
