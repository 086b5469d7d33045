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

export interface FlagSet {
  readonly date: string;
  readonly flags: readonly string[];
}

export declare const PLATFORM: readonly TopologyWorker[];
export declare const PLATFORM_DATES: Readonly<Record<string, FlagSet>>;
export declare const OLDER: readonly TopologyWorker[];
export declare const OLDER_DATES: Readonly<Record<string, FlagSet>>;
export declare const FLAGS: Record<"modern" | "legacy", FlagSet>;
export declare const TOPOLOGIES: Record<"self" | "pair" | "forwarded", readonly TopologyWorker[]>;
