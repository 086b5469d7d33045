/**
 * The stacks of the parser's instance. What a suspended document has on its stack has to stay where it is: it goes
 * on with it, and tokens point to it. So a document that is suspended keeps the stack that it ran on, and the
 * next one runs on another. asyncify saves WebAssembly's own locals and knows nothing of this. Used by parser.ts.
 */
interface Memory {
  allocate(length: number): number;
  /** Moves the top of the stack, and tells where it is. */
  moveBy(bytes: number): number;
}

interface SuspendedStack {
  readonly base: number;
  readonly top: number;
}

/** Bytes. The parser takes 4 KB of it, and 300 bytes more for each combinator of a selector (measured). */
const SIZE = 256 * 1024;
const ALIGNMENT = 16;

export class ParserStacks {
  readonly #memory: Memory;
  readonly #suspended: Map<number, SuspendedStack> = new Map();
  /** Where those begin that nobody uses; they grow downwards. */
  readonly #free: number[] = [];
  #base: number;

  constructor(memory: Memory) {
    this.#memory = memory;
    this.#base = memory.moveBy(0);
  }

  /** Nothing runs any more; what was thrown out of the parser has left its stack as it was. */
  reset(): void {
    this.#moveTo(this.#base);
  }

  /** The running document waits. */
  suspend(document: number): void {
    this.#suspended.set(document, { base: this.#base, top: this.#memory.moveBy(0) });
    this.#base = this.#free.pop() ?? this.#create();
    this.reset();
  }

  /** Before a suspended document is run again. */
  resume(document: number): void {
    const stack = this.#suspended.get(document);
    if (stack === undefined) throw new Error("The HTML parser is not suspended.");
    this.#suspended.delete(document);
    this.#free.push(this.#base);
    this.#base = stack.base;
    this.#moveTo(stack.top);
  }

  #create(): number {
    const end = this.#memory.allocate(SIZE) + SIZE;
    return end - (end % ALIGNMENT);
  }

  #moveTo(top: number): void {
    this.#memory.moveBy(top - this.#memory.moveBy(0));
  }
}
