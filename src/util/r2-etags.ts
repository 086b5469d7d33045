/** ETags of `If-Match` and `If-None-Match`, by the grammar and in the words of production. Pure. */

/** As protocol/r2.ts has it. */
interface Etag {
  readonly type: "strong" | "weak" | "wildcard";
  readonly value: string;
}

const EXPECTED = "Comma was expected to separate etags. Encountered a";
const STARTS = "instead. This would otherwise indicate the start of a new";

/** @throws Error for a list that is malformed or holds nothing usable */
export function parseEtags(text: string, header: string): Etag[] {
  const etags: Etag[] = [];
  let at = 0;
  let needsComma = false;
  const quoted = (): string => {
    const end = text.indexOf('"', at + 1);
    if (end < 0) throw new Error("Unclosed double quote for Etag");
    const value = text.slice(at + 1, end);
    at = end + 1;
    return value;
  };
  while (at < text.length) {
    const character = text[at];
    if (character === ",") {
      needsComma = false;
      at += 1;
    } else if (character === " " || character === "\t") {
      at += 1;
    } else if (character === '"') {
      if (needsComma) {
        throw new Error(`${EXPECTED} double quote character '"' ${STARTS} strong etag.`);
      }
      etags.push({ type: "strong", value: quoted() });
      needsComma = true;
    } else if (character === "*") {
      if (needsComma) throw new Error(`${EXPECTED} wildcard character '*' instead.`);
      etags.push({ type: "wildcard", value: "*" });
      needsComma = true;
      at += 1;
    } else if (character === "W") {
      if (needsComma) {
        throw new Error(`${EXPECTED} weak quotation character 'W' ${STARTS} weak etag.`);
      }
      if (text[at + 1] !== "/" || text[at + 2] !== '"') {
        throw new Error("Weak etags must start with W/ and their value must be quoted");
      }
      at += 2;
      etags.push({ type: "weak", value: quoted() });
      needsComma = true;
    } else {
      throw new Error(`Invalid ETag in ${header} header`);
    }
  }
  if (etags.length === 0) throw new Error(`Invalid ETag in ${header} header`);
  return etags;
}
