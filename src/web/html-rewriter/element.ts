/** An element, or rather its start tag, as handlers of HTMLRewriter see it (spec/platform.md 12.3). */
import { httpCompat } from "../compat.ts";
import { wrongParameter } from "../streams/arguments.ts";
import { defineToken } from "./define-token.ts";
import type { EngineElement, EngineEndTag } from "./native-tokens.ts";
import { parserCall, type TokenState } from "./token-state.ts";

const CHANGED =
  "The attributes of this element have been modified during iteration. You must create a new iterator after modifying attributes.";

type EndTagHandler = (this: unknown, tag: unknown) => unknown;

/** Calls a handler of user code with the end tag when it comes. */
type RunEndTag = (tag: EngineEndTag, handler: EndTagHandler) => unknown;

export class Element {
  readonly #state: TokenState<EngineElement>;
  readonly #runEndTag: RunEndTag;
  /** How often attributes were changed. */
  #changes = 0;

  constructor(state: TokenState<EngineElement>, runEndTag: RunEndTag) {
    this.#state = state;
    this.#runEndTag = runEndTag;
  }

  static is(value: object): boolean {
    return #state in value;
  }

  get tagName(): string {
    return this.#state.native.tagName;
  }

  set tagName(value: unknown) {
    const name = `${value}`;
    this.#state.change((token) => {
      token.tagName = name;
    });
  }

  get attributes(): AttributesIterator {
    const { attributes } = this.#state.native;
    const changes = this.#changes;
    return new AttributesIterator(() => {
      // Throws when the handler is over.
      void this.#state.native;
      if (this.#changes !== changes) throw new Error(CHANGED);
      return attributes.next();
    });
  }

  get removed(): boolean {
    return this.#state.native.removed;
  }

  get namespaceURI(): string {
    return this.#state.native.namespaceURI;
  }

  getAttribute(...args: unknown[]): string | null {
    const name = required("getAttribute", args, 0);
    return this.#state.native.getAttribute(name) ?? null;
  }

  hasAttribute(...args: unknown[]): boolean {
    const name = required("hasAttribute", args, 0);
    return this.#state.native.hasAttribute(name);
  }

  setAttribute(...args: unknown[]): this {
    const name = required("setAttribute", args, 0);
    const value = required("setAttribute", args, 1);
    const { native } = this.#state;
    parserCall(() => native.setAttribute(name, value));
    this.#changes += 1;
    return this;
  }

  removeAttribute(...args: unknown[]): this {
    const name = required("removeAttribute", args, 0);
    this.#state.native.removeAttribute(name);
    this.#changes += 1;
    return this;
  }

  before(...args: unknown[]): this {
    return this.#insert("before", args);
  }

  after(...args: unknown[]): this {
    return this.#insert("after", args);
  }

  prepend(...args: unknown[]): this {
    return this.#insert("prepend", args);
  }

  append(...args: unknown[]): this {
    return this.#insert("append", args);
  }

  replace(...args: unknown[]): this {
    return this.#insert("replace", args);
  }

  setInnerContent(...args: unknown[]): this {
    return this.#insert("setInnerContent", args);
  }

  remove(): this {
    this.#state.change((token) => token.remove());
    return this;
  }

  removeAndKeepContent(): this {
    this.#state.change((token) => token.removeAndKeepContent());
    return this;
  }

  onEndTag(...args: unknown[]): void {
    const [handler] = args;
    if (typeof handler !== "function") throw wrongParameter("onEndTag", "Element", 1, "function");
    const { native } = this.#state;
    const run = this.#runEndTag;
    parserCall(() => native.onEndTag((tag) => run(tag, handler as EndTagHandler)));
  }

  #insert(
    method: "before" | "after" | "prepend" | "append" | "replace" | "setInnerContent",
    args: readonly unknown[],
  ): this {
    this.#state.insert({ className: "Element", method, args }, (token, content, options) =>
      token[method](content, options),
    );
    return this;
  }
}
defineToken(Element, "Element");

const IteratorPrototype: object = Object.getPrototypeOf(
  Object.getPrototypeOf([][Symbol.iterator]()),
);

class AttributesIterator {
  readonly #pull: () => IteratorResult<[string, string]>;

  constructor(pull: () => IteratorResult<[string, string]>) {
    this.#pull = pull;
  }

  static is(value: object): boolean {
    return #pull in value;
  }

  next(): IteratorResult<[string, string], undefined> {
    const item = this.#pull();
    if (item.done !== true) return { done: false, value: item.value };
    const end: { done: true; value?: undefined } = { done: true };
    if (httpCompat().fullResults) end.value = undefined;
    return end as IteratorReturnResult<undefined>;
  }
}
Object.setPrototypeOf(AttributesIterator.prototype, IteratorPrototype);
defineToken(AttributesIterator, "AttributesIterator");

function required(method: string, args: readonly unknown[], at: number): string {
  if (args.length <= at) throw wrongParameter(method, "Element", at + 1, "string");
  return `${args[at]}`;
}
