/**
 * From a decoded path to a file or to the path that it is to be asked by (spec/assets.md 8). Pure;
 * the four modes are four short lists of attempts, in the order in which they are made.
 */
import type { HtmlHandling } from "../protocol/assets.ts";

/** Whether there is a file of exactly this path. */
export type Exists = (path: string) => boolean;

export type Found =
  | { readonly type: "file"; readonly path: string }
  | { readonly type: "redirect"; readonly path: string };

export function findPage(mode: HtmlHandling, path: string, exists: Exists): Found | undefined {
  return MODES[mode](new Search(mode, exists, true), path);
}

/** The attempts that the modes are made of: each gives what it found. */
class Search {
  readonly #mode: HtmlHandling;
  readonly #exists: Exists;
  readonly #mayRedirect: boolean;

  constructor(mode: HtmlHandling, exists: Exists, mayRedirect: boolean) {
    this.#mode = mode;
    this.#exists = exists;
    this.#mayRedirect = mayRedirect;
  }

  serve(path: string): Found | undefined {
    return this.#exists(path) ? { type: "file", path } : undefined;
  }

  /** To `path`, where asking for it ends at `file` and at nothing else. */
  redirect(file: string, path: string): Found | undefined {
    if (!this.#mayRedirect || !this.#exists(file) || this.#exists(path)) return undefined;
    const end = MODES[this.#mode](new Search(this.#mode, this.#exists, false), path);
    return end?.path === file ? { type: "redirect", path } : undefined;
  }
}

type Mode = (search: Search, path: string) => Found | undefined;

const MODES: { readonly [mode in HtmlHandling]: Mode } = {
  "auto-trailing-slash": (search, path) => auto(search, path) ?? autoTail(search, path),
  "force-trailing-slash": (search, path) => force(search, path) ?? forceTail(search, path),
  "drop-trailing-slash": (search, path) => drop(search, path) ?? dropTail(search, path),
  none: (search, path) => search.serve(path),
};

function auto(search: Search, path: string): Found | undefined {
  if (path.endsWith("/index")) {
    const base = cut(path, "/index");
    return (
      search.serve(path) ??
      search.redirect(`${path}.html`, `${base}/`) ??
      search.redirect(`${base}.html`, base)
    );
  }
  if (path.endsWith("/index.html")) {
    const base = cut(path, "/index.html");
    return search.redirect(path, `${base}/`) ?? search.redirect(`${base}.html`, base);
  }
  if (path.endsWith("/")) {
    const base = cut(path, "/");
    return search.serve(`${path}index.html`) ?? search.redirect(`${base}.html`, base);
  }
  if (path.endsWith(".html")) {
    const base = cut(path, ".html");
    return search.redirect(path, base) ?? search.redirect(`${base}/index.html`, `${base}/`);
  }
  return undefined;
}

function autoTail(search: Search, path: string): Found | undefined {
  return (
    search.serve(path) ??
    search.serve(`${path}.html`) ??
    search.redirect(`${path}/index.html`, `${path}/`)
  );
}

function force(search: Search, path: string): Found | undefined {
  if (path.endsWith("/index")) {
    const base = cut(path, "/index");
    return (
      search.serve(path) ??
      search.redirect(`${path}.html`, `${base}/`) ??
      search.redirect(`${base}.html`, `${base}/`)
    );
  }
  if (path.endsWith("/index.html")) {
    const base = cut(path, "/index.html");
    return search.redirect(path, `${base}/`) ?? search.redirect(`${base}.html`, `${base}/`);
  }
  if (path.endsWith("/")) {
    return search.serve(`${path}index.html`) ?? search.serve(`${cut(path, "/")}.html`);
  }
  if (path.endsWith(".html")) {
    const base = cut(path, ".html");
    return (
      search.redirect(path, `${base}/`) ??
      search.serve(path) ??
      search.redirect(`${base}/index.html`, `${base}/`)
    );
  }
  return undefined;
}

function forceTail(search: Search, path: string): Found | undefined {
  return (
    search.serve(path) ??
    search.redirect(`${path}.html`, `${path}/`) ??
    search.redirect(`${path}/index.html`, `${path}/`)
  );
}

function drop(search: Search, path: string): Found | undefined {
  if (path.endsWith("/index")) {
    const base = cut(path, "/index");
    if (base === "") return search.serve(path) ?? search.redirect("/index.html", "/");
    return (
      search.serve(path) ??
      search.redirect(`${base}.html`, base) ??
      search.redirect(`${path}.html`, base)
    );
  }
  if (path.endsWith("/index.html")) {
    const base = cut(path, "/index.html");
    if (base === "") return search.redirect("/index.html", "/");
    return (
      search.redirect(path, base) ?? search.serve(path) ?? search.redirect(`${base}.html`, base)
    );
  }
  if (path.endsWith("/")) {
    const base = cut(path, "/");
    if (base === "") return search.serve("/index.html");
    return search.redirect(`${base}.html`, base) ?? search.redirect(`${base}/index.html`, base);
  }
  if (path.endsWith(".html")) {
    const base = cut(path, ".html");
    return search.redirect(path, base) ?? search.redirect(`${base}/index.html`, base);
  }
  return undefined;
}

function dropTail(search: Search, path: string): Found | undefined {
  return search.serve(path) ?? search.serve(`${path}.html`) ?? search.serve(`${path}/index.html`);
}

function cut(path: string, ending: string): string {
  return path.slice(0, -ending.length);
}
