/**
 * What the parser hands to a handler, as it lies in the parser's memory: valid until the handler, or its promise,
 * is done, and released then. Errors of the parser are texts or TypeErrors. Made by native-rewriter.ts; user code
 * sees what tokens.ts and element.ts make of them.
 */
import { type Parser, type ParserExports, TRUE } from "./parser.ts";

export interface EngineOptions {
  readonly html: boolean;
}

type TextExport = keyof ParserExports;

/** Of any kind. */
export abstract class EngineToken {
  protected readonly parser: Parser;
  protected readonly pointer: number;

  constructor(parser: Parser, pointer: number) {
    this.parser = parser;
    this.pointer = pointer;
  }

  /** Nothing uses it any more. Once. */
  abstract free(): void;

  protected insert(name: TextExport, content: string, options: EngineOptions): void {
    const { parser } = this;
    const at = parser.write(content);
    parser.exports[name](this.pointer, at, parser.writtenLength, options.html ? TRUE : 0);
  }

  /** A call with one text. */
  protected pass(name: TextExport, text: string): number {
    const { parser } = this;
    const at = parser.write(text);
    return parser.exports[name](this.pointer, at, parser.writtenLength);
  }
}

export class EngineElement extends EngineToken {
  free(): void {
    this.parser.exports.__wbg_element_free(this.pointer);
  }
  get tagName(): string {
    return this.parser.readResult("element_tag_name", this.pointer);
  }
  set tagName(text: string) {
    this.pass("element_set_tag_name", text);
  }
  get removed(): boolean {
    return this.parser.exports.element_removed(this.pointer) !== 0;
  }
  remove(): void {
    this.parser.exports.element_remove(this.pointer);
  }
  get namespaceURI(): string {
    const { parser } = this;
    return parser.take(parser.exports.element_namespace_uri(this.pointer)) as string;
  }
  get attributes(): IterableIterator<[string, string]> {
    const { parser } = this;
    const pairs = parser.take(parser.exports.element_attributes(this.pointer));
    return (pairs as [string, string][])[Symbol.iterator]();
  }
  getAttribute(name: string): string | null {
    return this.parser.take(this.pass("element_getAttribute", name)) as string | null;
  }
  hasAttribute(name: string): boolean {
    return this.pass("element_hasAttribute", name) !== 0;
  }
  setAttribute(name: string, value: string): void {
    const { parser, pointer } = this;
    const nameAt = parser.write(name);
    const nameLength = parser.writtenLength;
    const valueAt = parser.write(value);
    const { writtenLength } = parser;
    parser.exports.element_setAttribute(pointer, nameAt, nameLength, valueAt, writtenLength);
  }
  removeAttribute(name: string): void {
    this.pass("element_removeAttribute", name);
  }
  before(content: string, options: EngineOptions): void {
    this.insert("element_before", content, options);
  }
  after(content: string, options: EngineOptions): void {
    this.insert("element_after", content, options);
  }
  prepend(content: string, options: EngineOptions): void {
    this.insert("element_prepend", content, options);
  }
  append(content: string, options: EngineOptions): void {
    this.insert("element_append", content, options);
  }
  replace(content: string, options: EngineOptions): void {
    this.insert("element_replace", content, options);
  }
  setInnerContent(content: string, options: EngineOptions): void {
    this.insert("element_setInnerContent", content, options);
  }
  removeAndKeepContent(): void {
    this.parser.exports.element_removeAndKeepContent(this.pointer);
  }
  /** `handler` may return a promise, as all handlers may. */
  onEndTag(handler: (tag: EngineEndTag) => unknown): void {
    const { parser } = this;
    const onPointer = (pointer: number): unknown => handler(new EngineEndTag(parser, pointer));
    parser.exports.element_onEndTag(this.pointer, parser.give(onPointer));
  }
}

export class EngineEndTag extends EngineToken {
  free(): void {
    this.parser.exports.__wbg_endtag_free(this.pointer);
  }
  get name(): string {
    return this.parser.readResult("endtag_name", this.pointer);
  }
  set name(text: string) {
    this.pass("endtag_set_name", text);
  }
  before(content: string, options: EngineOptions): void {
    this.insert("endtag_before", content, options);
  }
  after(content: string, options: EngineOptions): void {
    this.insert("endtag_after", content, options);
  }
  remove(): void {
    this.parser.exports.endtag_remove(this.pointer);
  }
}

export class EngineText extends EngineToken {
  free(): void {
    this.parser.exports.__wbg_textchunk_free(this.pointer);
  }
  get text(): string {
    return this.parser.readResult("textchunk_text", this.pointer);
  }
  get lastInTextNode(): boolean {
    return this.parser.exports.textchunk_last_in_text_node(this.pointer) !== 0;
  }
  get removed(): boolean {
    return this.parser.exports.textchunk_removed(this.pointer) !== 0;
  }
  remove(): void {
    this.parser.exports.textchunk_remove(this.pointer);
  }
  before(content: string, options: EngineOptions): void {
    this.insert("textchunk_before", content, options);
  }
  after(content: string, options: EngineOptions): void {
    this.insert("textchunk_after", content, options);
  }
  replace(content: string, options: EngineOptions): void {
    this.insert("textchunk_replace", content, options);
  }
}

export class EngineComment extends EngineToken {
  free(): void {
    this.parser.exports.__wbg_comment_free(this.pointer);
  }
  get text(): string {
    return this.parser.readResult("comment_text", this.pointer);
  }
  set text(text: string) {
    this.pass("comment_set_text", text);
  }
  get removed(): boolean {
    return this.parser.exports.comment_removed(this.pointer) !== 0;
  }
  remove(): void {
    this.parser.exports.comment_remove(this.pointer);
  }
  before(content: string, options: EngineOptions): void {
    this.insert("comment_before", content, options);
  }
  after(content: string, options: EngineOptions): void {
    this.insert("comment_after", content, options);
  }
  replace(content: string, options: EngineOptions): void {
    this.insert("comment_replace", content, options);
  }
}

export class EngineDoctype extends EngineToken {
  free(): void {
    this.parser.exports.__wbg_doctype_free(this.pointer);
  }
  get name(): string | null {
    const { parser } = this;
    return parser.take(parser.exports.doctype_name(this.pointer)) as string | null;
  }
  get publicId(): string | null {
    const { parser } = this;
    return parser.take(parser.exports.doctype_public_id(this.pointer)) as string | null;
  }
  get systemId(): string | null {
    const { parser } = this;
    return parser.take(parser.exports.doctype_system_id(this.pointer)) as string | null;
  }
}

export class EngineDocumentEnd extends EngineToken {
  free(): void {
    this.parser.exports.__wbg_documentend_free(this.pointer);
  }
  append(content: string, options: EngineOptions): void {
    this.insert("documentend_append", content, options);
  }
}
