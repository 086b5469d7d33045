/** What a session makes and says of the registry's states. Called by registry-peers.ts. */
import path from "node:path";
import type { NameHolder } from "../protocol/registry.ts";
import type { RegistryState } from "../registry/client-types.ts";
import { messageOf } from "../util/errors.ts";
import type { PeerEvents } from "./peers.ts";

/** Says what the registry is to this session, where it is not as it should be. */
export function onState(state: RegistryState, version: string, events: PeerEvents): void {
  if (state.type === "connected") events.onConnected();
  else if (state.type === "incompatible") {
    const { daemon } = state;
    events.onTrouble(
      `The dev registry (process ${daemon.pid}) belongs to drover ${daemon.version}, this is ${version}: the two cannot work together.\nEnd the sessions of the other version, then run: drover registry stop`,
    );
  } else if (state.type === "silent") {
    events.onTrouble("The dev registry does not answer; Workers of other sessions are not known.");
  } else if (state.type === "unavailable") {
    events.onTrouble(`The dev registry cannot be reached: ${messageOf(state.error)}`);
  }
}

/** "process 123 in ~/code/app, since 12:00:05" */
export function describeHolder({ pid, folder, since }: NameHolder): string {
  const home = process.env.HOME;
  const shown =
    home !== undefined && home !== "/" && folder.startsWith(home + path.sep)
      ? `~${folder.slice(home.length)}`
      : folder;
  return `process ${pid} in ${shown}, since ${new Date(since).toLocaleTimeString()}`;
}

/** Of an error that has one; else "". */
export function hintOf(error: unknown): string {
  if (typeof error !== "object" || error === null || !("hint" in error)) return "";
  return typeof error.hint === "string" ? error.hint : "";
}
