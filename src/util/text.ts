/** The first line of a text that people read, without the white space around it. */
export function firstLine(text: string): string {
  return text.trim().split("\n", 1)[0] ?? "";
}
