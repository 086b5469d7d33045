/** What a session gives the registry client, and what it hears from it. Types only. */
import type { DaemonInfo, NameHolder, SessionInfo, WorkspaceInfo } from "../protocol/registry.ts";
import type { LineState } from "./line.ts";
import type { Environment } from "./paths.ts";

export interface RegistryOptions {
  readonly env: Environment;
  readonly workspace: WorkspaceInfo;
  readonly session: SessionInfo;
  /** Workers of other sessions came, went or changed: names whose resolution may differ now. */
  onChange?(services: readonly string[]): void;
  /**
   * A name of ours is held by another session; it is ours when that one ends (`onTakeover`). Once
   * per name; the answer to `announce` says the same.
   */
  onConflict?(name: string, holder: NameHolder): void;
  /** A name that we waited for is ours now. */
  onTakeover?(name: string): void;
  /** Another session took our name with `takeover`; we wait for it again. */
  onLost?(name: string, holder: NameHolder): void;
  /** The connection to the daemon changed; nothing depends on it but what is told to the user. */
  onState?(state: RegistryState): void;
  /** No daemon is running, so nobody is registered: one is started when this resolves. */
  beforeStart?(): Promise<void>;
  /** Command that would start a Worker that is not running, if the session knows one. */
  commandFor?(service: string): string | undefined;
  /** REGISTRY_PROTOCOL unless a test plays another version. */
  readonly protocol?: number;
}

export type RegistryState =
  | LineState
  | { readonly type: "connected"; readonly daemon: DaemonInfo }
  /** The daemon belongs to another version: names are known, nothing can be called. */
  | { readonly type: "incompatible"; readonly daemon: DaemonInfo };

/** How a name stands after "announce". */
export type AnnounceResult =
  | { readonly type: "registered" }
  | { readonly type: "conflict"; readonly holder: NameHolder }
  /** The daemon is of another version, or the client was closed first. */
  | { readonly type: "unregistered" };
