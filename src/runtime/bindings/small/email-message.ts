/**
 * `EmailMessage` of `cloudflare:email`: checks nothing, and makes plain objects, as under wrangler
 * (spec/resources.md 11.2). Its content has a name of its own, by which bindings know it.
 */

/** Not a class to its users: what it makes has no type. */
export class EmailMessage {
  constructor(from: unknown, to: unknown, raw: unknown) {
    // biome-ignore lint/correctness/noConstructorReturn: a plain object is what production's peer gives
    return { from, to, "EmailMessage::raw": raw };
  }
}
