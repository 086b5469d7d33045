/** What a call to an absent Worker fails with: the production tool's words (spec/wrangler.md 3.4). */
export function workerNotFound(service: string): string {
  return `Worker "${service}" not found. Make sure it is running locally.`;
}
