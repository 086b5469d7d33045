/**
 * What may be delivered to an object now (spec/durable-objects.md 7): one event a turn, and while a
 * critical section runs only what was started inside of it. One per live instance.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { outside } from "../rpc/outside.ts";
import type { Turns } from "./turns.ts";

export const TOO_DEEP = "blockConcurrencyWhile() calls are nested too deeply.";

const MAX_DEPTH = 64;

/** A running `blockConcurrencyWhile` or `transaction`. */
export class Section {
  readonly gate: InputGate;
  readonly parent: Section | undefined;
  readonly depth: number;
  ended = false;

  constructor(gate: InputGate, parent: Section | undefined) {
    this.gate = gate;
    this.parent = parent;
    this.depth = parent === undefined ? 1 : parent.depth + 1;
  }
}

interface Waiter {
  readonly section: Section | undefined;
  /** It needs a turn of its own. */
  readonly isEvent: boolean;
  readonly admit: () => void;
  readonly refuse: (error: unknown) => void;
}

/**
 * What travels with everything that is started inside of a section. Node 20 hangs it on promises,
 * where user code finds it: it gives nothing away (isolate/invocation.ts).
 */
class Ticket {
  readonly #section: Section;

  constructor(section: Section) {
    this.#section = section;
  }

  static holder(ticket: Ticket | undefined): Section | undefined {
    return ticket === undefined ? undefined : ticket.#section;
  }
}
const { holder } = Ticket;
Reflect.deleteProperty(Ticket.prototype, "constructor");
Object.freeze(Object.setPrototypeOf(Ticket.prototype, null));

const sections: AsyncLocalStorage<Ticket> = new AsyncLocalStorage();

/** Runs what was let in by `section`, which may have ended: what it starts belongs there. */
export function runInside(section: Section, run: () => void): void {
  sections.run(new Ticket(section), run);
}

export class InputGate {
  readonly #turns: Turns;
  #current: Section | undefined;
  /** Those that wait to start a section go first. */
  readonly #waitingSections: Waiter[] = [];
  readonly #waiting: Waiter[] = [];
  #broken: { readonly error: unknown } | undefined;

  constructor(turns: Turns) {
    this.#turns = turns;
  }

  /** The section in which JavaScript of the object runs now. */
  get section(): Section | undefined {
    const section = holder(sections.getStore());
    return section?.gate === this ? alive(section) : undefined;
  }

  /**
   * Before an event that was started in `section` is delivered: undefined lets it go on in this
   * very turn; the promise resolves when it may, and rejects when the object broke.
   */
  admit(section: Section | undefined): Promise<void> | undefined {
    if (this.#broken !== undefined) return Promise.reject(this.#broken.error);
    if (this.#waiting.length === 0 && !this.#turns.hasEvent && this.#isOpenTo(section)) {
      this.#turns.begin();
      return undefined;
    }
    this.#turns.touch();
    return wait(this.#waiting, section, true);
  }

  /**
   * As `admit` of an event that nobody in the object has started, without a promise: calls `enter`
   * when it may be delivered, in nobody's async context, or `refuse` when the object broke.
   */
  enter(enter: () => void, refuse: (error: unknown) => void): void {
    if (this.#broken !== undefined) refuse(this.#broken.error);
    else if (this.#waiting.length === 0 && !this.#turns.hasEvent && this.#isOpenTo(undefined)) {
      this.#turns.begin();
      enter();
    } else {
      this.#turns.touch();
      const admit = (): void => outside(enter);
      this.#waiting.push({ section: undefined, isEvent: true, admit, refuse });
    }
  }

  /** As `admit`, for what continues an event that was delivered already. */
  whenOpen(): Promise<void> | undefined {
    if (this.#broken !== undefined) return Promise.reject(this.#broken.error);
    return this.#isOpenTo(undefined) ? undefined : wait(this.#waiting, undefined, false);
  }

  /**
   * Runs `callback` as a critical section of the current one, as soon as that is the innermost.
   * Rejects with what it throws, after the section has ended.
   * @throws Error if sections are nested too deeply.
   */
  async run<T>(callback: () => T | Promise<T>): Promise<T> {
    const parent = this.section;
    if (this.#broken !== undefined) throw this.#broken.error;
    if (!this.#isOpenTo(parent)) await wait(this.#waitingSections, parent, false);
    const section = new Section(this, parent);
    if (section.depth > MAX_DEPTH) throw new Error(TOO_DEEP);
    this.#current = section;
    try {
      return await sections.run(new Ticket(section), callback);
    } finally {
      section.ended = true;
      if (this.#current === section) this.#current = alive(parent);
      this.#turns.touch();
    }
  }

  /** The turn is over: whoever is next may come in. */
  pump(): void {
    const next = this.#take(this.#waitingSections) ?? this.#take(this.#waiting);
    if (next === undefined) return;
    // Whoever comes after it waits for the end of the turn that it begins.
    if (next.isEvent) this.#turns.begin();
    else this.#turns.touch();
    next.admit();
  }

  /** Nothing is delivered any more: whoever waits, now or later, gets `error`. */
  break(error: unknown): void {
    this.#broken ??= { error };
    for (const { refuse } of this.#waitingSections.splice(0)) refuse(error);
    for (const { refuse } of this.#waiting.splice(0)) refuse(error);
  }

  #take(waiters: Waiter[]): Waiter | undefined {
    const index = waiters.findIndex(({ section }) => this.#isOpenTo(section));
    return index === -1 ? undefined : waiters.splice(index, 1)[0];
  }

  #isOpenTo(section: Section | undefined): boolean {
    return alive(section) === this.#current;
  }
}

function wait(list: Waiter[], section: Section | undefined, isEvent: boolean): Promise<void> {
  return new Promise((admit, refuse) => {
    list.push({ section, isEvent, admit, refuse });
  });
}

/** What was started in a section that has ended belongs to the one around it. */
function alive(section: Section | undefined): Section | undefined {
  let at = section;
  while (at?.ended === true) at = at.parent;
  return at;
}
