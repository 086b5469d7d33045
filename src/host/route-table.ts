/**
 * `--routes-dispatch`: which Worker a host and path belong to, by the routes of their configs, as
 * production decides it: the most specific route wins. Pure; used by front-door.ts.
 *
 *     [http[s]://] [*]host [/path[*]]       without a path (custom domains): all paths
 */
import { hostnameOf } from "./routing.ts";

/** By Worker, in `-c` order: patterns as the configs have them. */
export type Routes = Readonly<Record<string, readonly string[]>>;

interface Pattern {
  readonly worker: string;
  /** "https:", or undefined for both. */
  readonly scheme: string | undefined;
  /** Lower case, without its asterisk. */
  readonly host: string;
  readonly isHostOpen: boolean;
  readonly path: string;
  readonly isPathOpen: boolean;
}

export class RouteTable {
  /** The most specific first. */
  readonly #patterns: readonly Pattern[];

  constructor(routes: Routes) {
    const all = Object.entries(routes).flatMap(([worker, patterns]) =>
      patterns.map((pattern) => parse(pattern, worker)),
    );
    // Stable: of two that are equal the first Worker's wins.
    this.#patterns = all.sort(bySpecificity);
  }

  /** `scheme`: "https:"; `host`: of the URL; `target`: path and query. Undefined: nobody's. */
  find(scheme: string, host: string, target: string): string | undefined {
    const name = hostnameOf(host);
    const end = target.indexOf("?");
    const path = end === -1 ? target : target.slice(0, end);
    return this.#patterns.find(
      (pattern) =>
        (pattern.scheme === undefined || pattern.scheme === scheme) &&
        (pattern.isHostOpen ? name.endsWith(pattern.host) : name === pattern.host) &&
        (pattern.isPathOpen ? path.startsWith(pattern.path) : path === pattern.path),
    )?.worker;
  }
}

function parse(text: string, worker: string): Pattern {
  const [, scheme, rest = ""] = /^(https?:)?(?:\/\/)?(.*)$/.exec(text) ?? [];
  const slash = rest.indexOf("/");
  const host = slash === -1 ? rest : rest.slice(0, slash);
  const path = slash === -1 ? "/*" : rest.slice(slash);
  const isHostOpen = host.startsWith("*");
  const isPathOpen = path.endsWith("*");
  return {
    worker,
    scheme,
    host: hostnameOf(isHostOpen ? host.slice(1) : host),
    isHostOpen,
    path: isPathOpen ? path.slice(0, -1) : path,
    isPathOpen,
  };
}

/** Exact hosts first, then longer ones; the same of paths; a scheme beats none. */
function bySpecificity(a: Pattern, b: Pattern): number {
  return (
    Number(a.isHostOpen) - Number(b.isHostOpen) ||
    b.host.length - a.host.length ||
    b.path.length - a.path.length ||
    Number(a.isPathOpen) - Number(b.isPathOpen) ||
    Number(a.scheme === undefined) - Number(b.scheme === undefined)
  );
}
