/**
 * The stacks of the parser's instance. What a suspended document has on its stack has to stay where it is: it goes
 * on with it, and tokens point to it. So a document that is suspended keeps the stack that it ran on, and the
 * next one runs on another. asyncify saves WebAssembly's own locals and knows nothing of this. What a selector
 * needs of it grows with its combinators (`stackFor`). Used by parser.ts.
 */
interface Memory {
  allocate(length: number): number;
  /** Moves the top of the stack, and tells where it is. */
  moveBy(bytes: number): number;
}

/** Grows downwards from `base`. */
interface Stack {
  readonly base: number;
  readonly size: number;
}

interface SuspendedStack {
  readonly stack: Stack;
  readonly top: number;
}

/** Bytes. The parser takes 4 KB of it, and 300 bytes more for each combinator of a selector (measured). */
const SIZE = 256 * 1024;
const BYTES_PER_COMBINATOR = 400;
const OTHERWISE: number = 16 * 1024;
/** So much is left of any stack while a handler runs. */
const SMALL: number = 64 * 1024;
/** Of the one that the module itself has. */
const OWN_SIZE: number = 1024 * 1024;
const ALIGNMENT = 16;

/** Bytes that work with this selector may take. */
export function stackFor(selector: string): number {
  return OTHERWISE + mostCombinators(selector) * BYTES_PER_COMBINATOR;
}

/** At most: blanks in what is quoted or bracketed count, too. */
function mostCombinators(selector: string): number {
  return selector.match(/[\s>]+/g)?.length ?? 0;
}

export class ParserStacks {
  readonly #memory: Memory;
  readonly #suspended: Map<number, SuspendedStack> = new Map();
  /** Those that nobody uses. */
  readonly #free: Stack[] = [];
  #current: Stack;

  constructor(memory: Memory) {
    this.#memory = memory;
    this.#current = { base: memory.moveBy(0), size: OWN_SIZE };
  }

  /** Nothing runs any more; what was thrown out of the parser has left its stack as it was. */
  reset(): void {
    this.#moveTo(this.#current.base);
  }

  /** Nothing runs: the next to run may take so many bytes. */
  ensure(bytes: number): void {
    if (bytes <= this.#current.size) return;
    this.#free.push(this.#current);
    this.#current = this.#take(bytes);
    this.reset();
  }

  /** Runs `fn`, which may take so many bytes and leaves nothing, whatever runs around it. */
  aside<T>(bytes: number, fn: () => T): T {
    const top = this.#memory.moveBy(0);
    const stack = bytes > SMALL ? this.#take(bytes) : undefined;
    if (stack !== undefined) this.#moveTo(stack.base);
    try {
      return fn();
    } finally {
      this.#moveTo(top);
      if (stack !== undefined) this.#free.push(stack);
    }
  }

  /** The running document waits. */
  suspend(document: number): void {
    this.#suspended.set(document, { stack: this.#current, top: this.#memory.moveBy(0) });
    this.#current = this.#take(0);
    this.reset();
  }

  /** Before a suspended document is run again. */
  resume(document: number): void {
    const suspended = this.#suspended.get(document);
    if (suspended === undefined) throw new Error("The HTML parser is not suspended.");
    this.#suspended.delete(document);
    this.#free.push(this.#current);
    this.#current = suspended.stack;
    this.#moveTo(suspended.top);
  }

  #take(bytes: number): Stack {
    const found = this.#free.findLastIndex(({ size }) => size >= bytes);
    const [stack] = found === -1 ? [] : this.#free.splice(found, 1);
    return stack ?? this.#create(Math.max(bytes, SIZE));
  }

  /** Of at least so many bytes: else it would never be found again for them. */
  #create(size: number): Stack {
    const end = this.#memory.allocate(size + ALIGNMENT) + size + ALIGNMENT;
    return { base: end - (end % ALIGNMENT), size };
  }

  #moveTo(top: number): void {
    this.#memory.moveBy(top - this.#memory.moveBy(0));
  }
}
