/**
 * A message as far as the rules of mail ask about it. `postal-mime` parses; loaded with the first
 * message. Storage thread; used by its neighbours.
 */
import type { Email } from "postal-mime";

/** @throws what the parser finds wrong */
export async function parseMail(raw: Buffer): Promise<Email> {
  const { default: PostalMime } = await import("postal-mime");
  return PostalMime.parse(raw);
}

/** All values of the headers of that name; the name in lower case. */
export function headerValues({ headers }: Email, name: string): readonly string[] {
  return headers.filter(({ key }) => key === name).map(({ value }) => unfolded(value));
}

export function unfolded(value: string): string {
  return value.replaceAll(/\s+/g, " ").trim();
}
