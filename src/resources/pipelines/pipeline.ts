/** A pipeline in the storage thread (spec/resources.md 12): takes records and drops them, as wrangler's does. */

export class Pipeline {
  send(): void {}
}
