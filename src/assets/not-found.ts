/** The page in place of one that is not there (spec/assets.md 9). Pure. */
import type { NotFoundHandling } from "../protocol/assets.ts";
import type { Exists } from "./html-handling.ts";

export interface NotFoundPage {
  readonly path: string;
  readonly status: 200 | 404;
}

/** `path` is decoded. */
export function findNotFoundPage(
  handling: NotFoundHandling,
  path: string,
  exists: Exists,
): NotFoundPage | undefined {
  if (handling === "none") return undefined;
  if (handling === "single-page-application") {
    return exists("/index.html") ? { path: "/index.html", status: 200 } : undefined;
  }
  let folder = path;
  do {
    folder = folder.slice(0, Math.max(folder.lastIndexOf("/"), 0));
    const page = `${folder}/404.html`;
    if (exists(page)) return { path: page, status: 404 };
  } while (folder !== "");
  return undefined;
}
