/** What a thread is told of a connection's failure: the innermost reason, as text. */
import type { NetworkFailure } from "../../protocol/outbound.ts";

export function failureOf(error: unknown): NetworkFailure {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  const inner = innermost(error);
  return {
    message: inner.message || String(message ?? "") || String(code ?? "") || "unknown reason",
    code: inner.code || (typeof code === "string" ? code : ""),
  };
}

/** Of the first inner error (AggregateError of several addresses) that has a text. */
function innermost(error: unknown): NetworkFailure {
  if (!(error instanceof Error)) return { message: "", code: "" };
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (error.message !== "") return { message: error.message, code };
  const inner =
    error instanceof AggregateError
      ? error.errors.map(innermost).find(({ message }) => message !== "")
      : innermost(error.cause);
  return { message: inner?.message ?? "", code: inner?.code || code };
}
