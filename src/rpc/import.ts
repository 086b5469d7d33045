/** The hook of a peer's export: calls on it go to the peer, within the session it came in. */
import { Hook } from "./hook.ts";
import type { Origin } from "./origin.ts";
import type { Question } from "./question.ts";
import type { Session } from "./session.ts";

export class ImportHook extends Hook {
  readonly session: Session;
  readonly id: number;
  /** For the report if it leaks: that of its latest duplicate. */
  leakOrigin: Origin;

  constructor(session: Session, id: number, origin: Origin) {
    super();
    this.session = session;
    this.id = id;
    this.leakOrigin = origin;
  }

  override get isImport(): boolean {
    return true;
  }

  override ask(path: readonly string[], args: readonly unknown[] | undefined): Question {
    return this.session.ask(this.id, path, args);
  }

  override setOrigin(origin: Origin): void {
    this.leakOrigin = origin;
  }

  protected override onReleased(): void {
    this.session.releaseImport(this.id);
  }
}
