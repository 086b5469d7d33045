/** What an invocation should have disposed and did not: reported when it ends (spec/rpc.md 4.2). */
import type { SessionHandle } from "../contracts/session.ts";
import type { SessionTables } from "./tables.ts";

export function reportLeaks(session: SessionHandle, tables: SessionTables): void {
  if (session.role === "loopback") return;
  const { host } = session.core;
  for (const hook of tables.hasCapabilities ? tables.imports.values() : []) {
    const { what, binding, at, observed } = hook.leakOrigin;
    // An intermediate result of a pipelined chain is nobody's to dispose.
    if (!observed) continue;
    host.report({
      type: "leaked-stub",
      what,
      binding,
      // Formatted only if it is read: the host may report a leak once.
      get createdAt() {
        return at?.stack ?? "";
      },
    });
  }
  for (const question of tables.questions.values()) {
    if (question.state !== "resolved" || !question.observed) continue;
    const what = `result of ${question.description}`;
    const createdAt = question.origin?.at?.stack ?? "";
    host.report({ type: "leaked-stub", what, binding: session.label, createdAt });
  }
}
