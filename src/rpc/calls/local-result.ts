/**
 * Answers what was pipelined on a result while the frame that closed the session was on its way
 * (docs/protocol.md, "Ends"). Such a result is plain data without capabilities, so reading it here
 * gives what reading it at the callee would have given, and a call on it can only fail.
 */
import { decode } from "../codec/decode.ts";
import { encode } from "../codec/encode.ts";
import { mark } from "../codec/thrown.ts";
import type { Core } from "../contracts/core.ts";
import { invoke, reservedOnTransients } from "./lookup.ts";
import type { Question } from "./question.ts";

/** `first` has its reply; `others` are all questions of the session that still wait. */
export function evaluateLocally(
  core: Core,
  first: Question,
  question: Question,
  others: readonly Question[],
): void {
  const parent = question.on === -first.id ? first : others.find((q) => q.id === -question.on);
  question.arrive({
    make: () => {
      parent?.makeNow();
      if (parent?.state === "rejected") throw parent.value;
      try {
        return read(core, parent?.value, question);
      } catch (error) {
        // It stands for the callee's.
        mark(error as object, "remote");
        throw error;
      }
    },
    stubs: undefined,
    hasDisposer: false,
    final: false,
    needsStack: false,
  });
}

function read(core: Core, value: unknown, question: Question): unknown {
  const isPlain =
    typeof value === "object" &&
    value !== null &&
    Object.getPrototypeOf(value) === Object.prototype;
  const root = {
    target: isPlain ? value : Object.create(null),
    allowInstanceProps: true,
    reserved: reservedOnTransients,
  };
  const result = invoke(root, question.path, question.isCall ? [] : undefined, core.lookup);
  const copy = encode(core, result, { deep: true, rules: "data" });
  return decode(
    core,
    { value: copy.value, fixes: copy.fixes as unknown[][] | undefined },
    undefined,
  );
}
