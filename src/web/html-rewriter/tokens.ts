/**
 * What handlers of HTMLRewriter are called with: Text, Comment, Doctype, DocumentEnd and EndTag; elements
 * are in element.ts (spec/platform.md 12.3, 12.4).
 */
import { defineToken } from "./define-token.ts";
import type {
  EngineComment,
  EngineDoctype,
  EngineDocumentEnd,
  EngineEndTag,
  EngineText,
} from "./native-tokens.ts";
import type { Insertion, TokenState } from "./token-state.ts";

type Args = unknown[];

export class Text {
  readonly #state: TokenState<EngineText>;
  #isReplaced = false;

  constructor(state: TokenState<EngineText>) {
    this.#state = state;
  }

  static is(value: object): boolean {
    return #state in value;
  }

  get text(): string {
    return this.#state.native.text;
  }

  get lastInTextNode(): boolean {
    return this.#state.native.lastInTextNode;
  }

  get removed(): boolean {
    return this.#state.native.removed || this.#isReplaced;
  }

  before(...args: Args): this {
    this.#state.insert({ className: "Text", method: "before", args }, (token, content, options) =>
      token.before(content, options),
    );
    return this;
  }

  after(...args: Args): this {
    this.#state.insert({ className: "Text", method: "after", args }, (token, content, options) =>
      token.after(content, options),
    );
    return this;
  }

  replace(...args: Args): this {
    this.#state.insert({ className: "Text", method: "replace", args }, (token, content, options) =>
      token.replace(content, options),
    );
    this.#isReplaced = true;
    return this;
  }

  remove(): this {
    this.#state.change((token) => token.remove());
    return this;
  }
}
defineToken(Text, "Text");

export class Comment {
  readonly #state: TokenState<EngineComment>;

  constructor(state: TokenState<EngineComment>) {
    this.#state = state;
  }

  static is(value: object): boolean {
    return #state in value;
  }

  get text(): string {
    return this.#state.native.text;
  }

  set text(value: unknown) {
    const text = `${value}`;
    this.#state.change((token) => {
      token.text = text;
    });
  }

  get removed(): boolean {
    return this.#state.native.removed;
  }

  before(...args: Args): this {
    this.#state.insert(comment("before", args), (token, content, options) =>
      token.before(content, options),
    );
    return this;
  }

  after(...args: Args): this {
    this.#state.insert(comment("after", args), (token, content, options) =>
      token.after(content, options),
    );
    return this;
  }

  replace(...args: Args): this {
    this.#state.insert(comment("replace", args), (token, content, options) =>
      token.replace(content, options),
    );
    return this;
  }

  remove(): this {
    this.#state.change((token) => token.remove());
    return this;
  }
}
defineToken(Comment, "Comment");

function comment(method: string, args: Args): Insertion {
  return { className: "Comment", method, args, onlyText: true };
}

export class Doctype {
  readonly #state: TokenState<EngineDoctype>;

  constructor(state: TokenState<EngineDoctype>) {
    this.#state = state;
  }

  static is(value: object): boolean {
    return #state in value;
  }

  get name(): string | null {
    return this.#state.native.name;
  }

  get publicId(): string | null {
    return this.#state.native.publicId;
  }

  get systemId(): string | null {
    return this.#state.native.systemId;
  }
}
defineToken(Doctype, "Doctype");

export class DocumentEnd {
  readonly #state: TokenState<EngineDocumentEnd>;

  constructor(state: TokenState<EngineDocumentEnd>) {
    this.#state = state;
  }

  static is(value: object): boolean {
    return #state in value;
  }

  append(...args: Args): this {
    this.#state.insert(
      { className: "DocumentEnd", method: "append", args, onlyText: true },
      (token, content, options) => token.append(content, options),
    );
    return this;
  }
}
defineToken(DocumentEnd, "DocumentEnd");

export class EndTag {
  readonly #state: TokenState<EngineEndTag>;

  constructor(state: TokenState<EngineEndTag>) {
    this.#state = state;
  }

  static is(value: object): boolean {
    return #state in value;
  }

  get name(): string {
    return this.#state.native.name;
  }

  set name(value: unknown) {
    const name = `${value}`;
    this.#state.change((token) => {
      token.name = name;
    });
  }

  before(...args: Args): this {
    this.#state.insert({ className: "EndTag", method: "before", args }, (token, content, options) =>
      token.before(content, options),
    );
    return this;
  }

  after(...args: Args): this {
    this.#state.insert({ className: "EndTag", method: "after", args }, (token, content, options) =>
      token.after(content, options),
    );
    return this;
  }

  remove(): this {
    this.#state.change((token) => token.remove());
    return this;
  }
}
defineToken(EndTag, "EndTag");
