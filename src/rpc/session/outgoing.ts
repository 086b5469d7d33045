/**
 * Frames of questions and replies, written; the other side of incoming.ts. Each is made in one piece with a
 * place for its payload: an array that grows by one gets room for a dozen more.
 */
import type { Context } from "../contract.ts";
import { Op, OpenKind } from "../frames.ts";

/** The first question of a session. Its request (trace-text.ts) follows when the question has its span. */
export function openFrame(
  target: unknown,
  { trace }: Context,
  known: number,
  kind: keyof typeof OpenKind,
  path: readonly string[],
): unknown[] {
  return [Op.open, 0, target, "", trace.depth + 1, known, OpenKind[kind], pathField(path), 0];
}

export function askFrame(
  kind: "call" | "get",
  id: number,
  on: number,
  path: readonly string[],
): unknown[] {
  return [Op[kind], 0, id, on, pathField(path), 0];
}

/** Of a return. */
export function returnFrame(id: number, flags: number, known: number): unknown[] {
  return [Op.return, 0, id, flags, known, 0];
}

/** The fields of a payload in the place that is theirs: the last. */
export function putPayload(frame: unknown[], fields: readonly unknown[]): void {
  frame[frame.length - 1] = fields[0];
  for (let i = 1; i < fields.length; i++) frame.push(fields[i]);
}

/** Most paths are one name: an array less (docs/protocol.md, "Payloads"). */
function pathField(path: readonly string[]): unknown {
  return path.length === 1 ? path[0] : path;
}
