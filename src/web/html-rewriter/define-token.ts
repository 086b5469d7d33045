/** Gives the classes of HTMLRewriter's tokens the outside of production's. */
import { defineInterface } from "../interfaces/define-interface.ts";

type AnyClass = Parameters<typeof defineInterface>[0];

interface TokenClass {
  /** Knows the instances. */
  is(value: object): boolean;
}

/** Its `is` is taken off the class: user code sees the class of what it is given. */
export function defineToken(cls: AnyClass & TokenClass, name: string): void {
  const { is } = cls;
  Reflect.deleteProperty(cls, "is");
  defineInterface(cls, name, { brand: is });
}
