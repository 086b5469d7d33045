/** MIME types as the standard parses and serializes them (WHATWG mimesniff, spec/platform.md 6.2). */

export interface MimeType {
  /** "type/subtype" in lower case. */
  readonly essence: string;
  /** Names in lower case; the first of each name counts. */
  readonly parameters: ReadonlyMap<string, string>;
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const QUOTABLE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** undefined: not a MIME type. */
export function parseMimeType(text: string): MimeType | undefined {
  const trimmed = trim(text);
  const end = trimmed.indexOf(";");
  const essence = trim(end < 0 ? trimmed : trimmed.slice(0, end));
  const slash = essence.indexOf("/");
  const [type, subtype] = [essence.slice(0, slash), essence.slice(slash + 1)];
  if (slash < 0 || !TOKEN.test(type) || !TOKEN.test(subtype)) return undefined;
  const rest = end < 0 ? "" : trimmed.slice(end);
  return { essence: essence.toLowerCase(), parameters: parseParameters(rest) };
}

export function serializeMimeType({ essence, parameters }: MimeType): string {
  let text = essence;
  for (const [name, value] of parameters) {
    const shown = TOKEN.test(value) ? value : `"${value.replace(/["\\]/g, "\\$&")}"`;
    text += `;${name}=${shown}`;
  }
  return text;
}

/** The last of a header's list that is one, as it is serialized; "" if none is. */
export function lastMimeType(header: string): string {
  const parts = header.match(/(?:"(?:\\.|[^"\\])*"?|[^,"])+/g) ?? [];
  const types = parts.flatMap((part) => parseMimeType(part) ?? []);
  const last = types.at(-1);
  return last === undefined ? "" : serializeMimeType(last);
}

/** @param text each parameter with its ";" before it */
function parseParameters(text: string): Map<string, string> {
  const parameters = new Map<string, string>();
  const pattern = /;([^;=]*)(?:=("(?:\\.|[^"\\])*"?[^;]*|[^;]*))?/gs;
  for (const [, rawName = "", rawValue] of text.matchAll(pattern)) {
    const name = rawName.replace(/^[\t\n\r ]+/, "").toLowerCase();
    if (rawValue === undefined || parameters.has(name) || !TOKEN.test(name)) continue;
    const value = rawValue.startsWith('"') ? unquote(rawValue) : rawValue.trimEnd();
    if (value === "" && !rawValue.startsWith('"')) continue;
    if (QUOTABLE.test(value)) parameters.set(name, value);
  }
  return parameters;
}

/** The string at the start, without what stands behind its closing quote. */
function unquote(text: string): string {
  const inner = /^"((?:\\.|[^"\\])*)/s.exec(text)?.[1] ?? "";
  return inner.replace(/\\(.)/gs, "$1");
}

function trim(text: string): string {
  return text.replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, "");
}
