/** What an error says; pure. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
