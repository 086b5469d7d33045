/** Ids of messages that never leave this machine (spec/resources.md 11.2); pure but for chance. */
import { nodeCrypto } from "./late-modules.ts";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const LENGTH = 36;

/** `<36 letters and digits@domain>`: the domain of `sender`, `localhost` if it has none. */
export function newMessageId(sender: string): string {
  const letters = [...nodeCrypto().randomBytes(LENGTH)]
    .map((byte) => LETTERS[byte % LETTERS.length])
    .join("");
  const domain = /@([^@>\s]+)>?\s*$/.exec(sender)?.[1] ?? "localhost";
  return `<${letters}@${domain}>`;
}
