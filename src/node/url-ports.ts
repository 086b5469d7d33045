/**
 * `url.parse` of a port that is none, `http://a:b/`: in production and in Node up to 24 it is part of the
 * path, Node 26 refuses it. Done once a thread, when a Worker imports `node:url`.
 */

/** Ends the host of a URL for `url.parse`. */
const NO_HOST = "\\s\"#%'/;<>?\\\\^`{|}";
/** What stands before the host, the host, what is no port, the port behind it. */
const BAD_PORT = new RegExp(
  `^([^/?#\\\\]*[/\\\\]{2}(?:[^/?#]*@)?)([^:${NO_HOST}]*)(:[^${NO_HOST}]*?)(:[0-9]*)?(?=[${NO_HOST}]|$)`,
);

type Parse = (this: unknown, url: unknown, ...options: unknown[]) => unknown;

/** The class behind `url.parse`. */
export interface UrlClass {
  readonly prototype: { parse: Parse };
}

/** `parse`, `resolve` and `resolveObject` of the module all go through this method. */
export function takeBadPorts(prototype: UrlClass["prototype"]): void {
  const native = prototype.parse;
  if (!refusesBadPorts(native, prototype)) return;
  prototype.parse = function parse(url, ...options) {
    try {
      return Reflect.apply(native, this, [url, ...options]);
    } catch (error) {
      const moved = isPortRefusal(error) ? withPortInPath(String(url)) : undefined;
      if (moved === undefined) throw error;
      return parseMoved(() => Reflect.apply(native, this, [moved, ...options]), url);
    }
  };
}

function refusesBadPorts(parse: Parse, prototype: object): boolean {
  try {
    Reflect.apply(parse, Object.create(prototype), ["http://a::b"]);
    return false;
  } catch (error) {
    return isPortRefusal(error);
  }
}

function isPortRefusal(error: unknown): boolean {
  const { code, message } = error as { readonly code?: unknown; readonly message: string };
  return code === "ERR_INVALID_ARG_VALUE" && message.includes("Invalid port in url");
}

/** `http://a:b:80/x` is `http://a:80/:b/x`; undefined for what has no such port. */
function withPortInPath(url: string): string | undefined {
  const match = BAD_PORT.exec(url.trim());
  if (match === null) return undefined;
  const [all, before, host, extra, port = ""] = match;
  return `${before}${host}${port}/${extra}${url.trim().slice(all.length)}`;
}

/** Other errors name the URL that was given. */
function parseMoved(parse: () => unknown, given: unknown): unknown {
  try {
    return parse();
  } catch (error) {
    if (Object.hasOwn(error as object, "input")) Object.assign(error as object, { input: given });
    throw error;
  }
}
