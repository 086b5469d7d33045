/** CountQueuingStrategy and ByteLengthQueuingStrategy. */

import { defineInterface } from "../interfaces/define-interface.ts";
import { dictionary, illegalInvocation, wrongConstructorParameter } from "./arguments.ts";

function highWaterMarkOf(init: unknown, className: string): number {
  const wrong = (): TypeError => wrongConstructorParameter(className, 1, "QueuingStrategyInit");
  if (init === undefined || init === null) throw wrong();
  const given: unknown = Reflect.get(dictionary(init, wrong), "highWaterMark");
  return Number(given);
}

const countSize = { size: (): number => 1 }.size;
const byteSize = {
  size: (chunk?: { readonly byteLength?: number }): number | undefined => chunk?.byteLength,
}.size;

export class CountQueuingStrategy {
  readonly #highWaterMark: number;

  constructor(init?: unknown) {
    this.#highWaterMark = highWaterMarkOf(init, "CountQueuingStrategy");
  }

  get highWaterMark(): number {
    if (typeof this !== "object" || !(#highWaterMark in this)) throw illegalInvocation();
    return this.#highWaterMark;
  }

  get size(): (chunk?: unknown) => number {
    if (typeof this !== "object" || !(#highWaterMark in this)) throw illegalInvocation();
    return countSize;
  }
}
defineInterface(CountQueuingStrategy, "CountQueuingStrategy");

export class ByteLengthQueuingStrategy {
  readonly #highWaterMark: number;

  constructor(init?: unknown) {
    this.#highWaterMark = highWaterMarkOf(init, "ByteLengthQueuingStrategy");
  }

  get highWaterMark(): number {
    if (typeof this !== "object" || !(#highWaterMark in this)) throw illegalInvocation();
    return this.#highWaterMark;
  }

  get size(): (chunk?: { readonly byteLength?: number }) => number | undefined {
    if (typeof this !== "object" || !(#highWaterMark in this)) throw illegalInvocation();
    return byteSize;
  }
}
defineInterface(ByteLengthQueuingStrategy, "ByteLengthQueuingStrategy");
