/** What became of a claim. */
export type Claim<Owner> =
  | { readonly type: "held" }
  | { readonly type: "queued"; readonly holder: Owner }
  | { readonly type: "taken"; readonly from: Owner };

/**
 * Who holds which name in which workspace, and who waits for it, in order of arrival. Pure; the
 * daemon's only authority on names.
 */
export class NameTable<Owner> {
  /** First of each list: the holder. */
  readonly #lines = new Map<string, Owner[]>();

  /** Claiming twice changes nothing. With `takeover` the holder becomes the first in the queue. */
  claim(workspace: string, name: string, owner: Owner, takeover: boolean): Claim<Owner> {
    const key = keyOf(workspace, name);
    const line = this.#lines.get(key);
    if (line === undefined) {
      this.#lines.set(key, [owner]);
      return { type: "held" };
    }
    const holder = line[0] as Owner;
    if (holder === owner) return { type: "held" };
    const at = line.indexOf(owner);
    if (takeover) {
      if (at !== -1) line.splice(at, 1);
      line.unshift(owner);
      return { type: "taken", from: holder };
    }
    if (at === -1) line.push(owner);
    return { type: "queued", holder };
  }

  /** Gives up a name or the place in its queue. Returns who holds it now because of that. */
  release(workspace: string, name: string, owner: Owner): Owner | undefined {
    const key = keyOf(workspace, name);
    const line = this.#lines.get(key);
    const at = line?.indexOf(owner) ?? -1;
    if (line === undefined || at === -1) return undefined;
    line.splice(at, 1);
    if (line.length === 0) this.#lines.delete(key);
    return at === 0 ? line[0] : undefined;
  }

  holder(workspace: string, name: string): Owner | undefined {
    return this.#lines.get(keyOf(workspace, name))?.[0];
  }
}

function keyOf(workspace: string, name: string): string {
  return `${workspace}\0${name}`;
}
