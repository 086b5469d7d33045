/** An error as it travels between threads and processes: structured clone would drop half of it. */
export interface SerializedError {
  readonly name: string;
  readonly message: string;
  /** Source-mapped where a map is known. */
  readonly stack: string;
  readonly code?: string;
}

export function serializeError(error: unknown): SerializedError {
  if (!(error instanceof Error))
    return { name: "Error", message: String(error), stack: String(error) };
  const code = "code" in error && typeof error.code === "string" ? { code: error.code } : {};
  return { name: error.name, message: error.message, stack: error.stack ?? String(error), ...code };
}
