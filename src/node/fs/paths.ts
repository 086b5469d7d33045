/** What `node:fs` takes as a path (spec/node.md 5.1): strings, Buffers and file: URLs. */
import { inspect } from "node:util";
import { invalidType, nodeError } from "../errors.ts";

const MAX_LENGTH = 4096;
const MAX_SEGMENTS = 48;

export interface Path {
  /** As error messages show it: absolute, without `.` and `..`. */
  readonly text: string;
  readonly segments: readonly string[];
}

/** Throws production's errors. `cwd`: what relative paths begin at. */
export function parsePath(value: unknown, cwd: string): Path {
  const given = textOf(value);
  if (given.includes("\0")) {
    const message = `The argument 'path' must not contain null bytes. Received ${inspect(given)}`;
    throw nodeError(TypeError, "ERR_INVALID_ARG_VALUE", message);
  }
  if (given.length > MAX_LENGTH) throw new Error("File path is too long");
  const segments: string[] = [];
  const whole = given.startsWith("/") ? given : `${cwd}/${given}`;
  for (const segment of whole.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment === "..") segments.pop();
    else segments.push(segment);
  }
  if (segments.length > MAX_SEGMENTS) throw new Error("File path has too many segments");
  const end = segments.length > 0 && given.endsWith("/") ? "/" : "";
  return { text: `/${segments.join("/")}${end}`, segments };
}

interface UrlLike {
  readonly href: string;
  readonly protocol: string;
  readonly host: string;
  readonly pathname: string;
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (Buffer.isBuffer(value)) return value.toString("utf8");
  if (!isUrl(value)) {
    throw invalidType("path", "of type string or an instance of Buffer or URL", value);
  }
  if (value.protocol !== "file:") throw new TypeError("File path must be a file: URL");
  if (value.host !== "") throw new Error("File path must not have a host");
  return decodeURIComponent(value.pathname);
}

/** As Node tells: the Worker's URL class, or one of a package. */
function isUrl(value: unknown): value is UrlLike {
  if (typeof value !== "object" || value === null) return false;
  const { href, protocol, pathname } = value as Partial<UrlLike>;
  return [href, protocol, pathname].every((part) => typeof part === "string");
}
