export interface TopologyWorker {
  readonly name: string;
  readonly main: string;
  /** Its own compatibility date and flags instead of those of the set. */
  readonly date?: string;
  readonly flags?: readonly string[];
  readonly services: Readonly<
    Record<
      string,
      {
        readonly service: string;
        readonly entrypoint?: string;
        readonly props?: Readonly<Record<string, unknown>>;
      }
    >
  >;
}

export declare const FLAGS: Record<
  "modern" | "legacy",
  { readonly date: string; readonly flags: readonly string[] }
>;
export declare const TOPOLOGIES: Record<"self" | "pair" | "forwarded", readonly TopologyWorker[]>;
