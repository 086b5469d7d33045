/** The hook of a peer's export: calls on it go to the peer, within the session it came in. */
import type { Asked } from "../contracts/ask.ts";
import type { ImportedHook } from "../contracts/hook.ts";
import type { SessionHandle } from "../contracts/session.ts";
import type { Origin } from "../origin.ts";
import { CountedHook } from "./counted-hook.ts";

export class ImportHook extends CountedHook implements ImportedHook {
  readonly session: SessionHandle;
  readonly id: number;
  leakOrigin: Origin;

  constructor(session: SessionHandle, id: number, origin: Origin) {
    super();
    this.session = session;
    this.id = id;
    this.leakOrigin = origin;
  }

  override get isImport(): boolean {
    return true;
  }

  override ask(path: readonly string[], args: readonly unknown[] | undefined): Asked {
    return this.session.ask(this.id, path, args);
  }

  override setOrigin(origin: Origin): void {
    this.leakOrigin = origin;
  }

  protected override onReleased(): void {
    this.session.releaseImport(this.id);
  }
}
