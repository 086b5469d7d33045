/** `DurableObjectId` (spec/durable-objects.md 2.2). Made by namespaces and, inside, for `ctx.id`. */
import { defineInterface } from "../web/interfaces/define-interface.ts";

const INTERNAL: unique symbol = Symbol("internal");

let hexOf: (id: DurableObjectId) => string;
let isId: (value: object) => boolean;

export class DurableObjectId {
  declare readonly jurisdiction: string | undefined;
  declare readonly name: string | undefined;
  readonly #hex: string;

  constructor(token: typeof INTERNAL, hex: string, name?: string, jurisdiction?: string) {
    if (token !== INTERNAL) throw new TypeError("Illegal constructor");
    this.#hex = hex;
    Object.defineProperty(this, "jurisdiction", { value: jurisdiction, enumerable: true });
    Object.defineProperty(this, "name", { value: name, enumerable: true });
  }

  static {
    hexOf = (id) => id.#hex;
    isId = (value) => #hex in value;
  }

  toString(): string {
    return this.#hex;
  }

  equals(other: DurableObjectId): boolean {
    if (!isObjectId(other)) {
      throw new TypeError(
        "Failed to execute 'equals' on 'DurableObjectId': parameter 1 is not of type 'DurableObjectId'.",
      );
    }
    return other.#hex === this.#hex;
  }
}
defineInterface(DurableObjectId, "DurableObjectId");

export function createObjectId(hex: string, name?: string, jurisdiction?: string): DurableObjectId {
  return new DurableObjectId(INTERNAL, hex, name, jurisdiction);
}

export function isObjectId(value: unknown): value is DurableObjectId {
  return typeof value === "object" && value !== null && isId(value);
}

/** 64 lower-case hex digits. */
export function hexOfId(id: DurableObjectId): string {
  return hexOf(id);
}
