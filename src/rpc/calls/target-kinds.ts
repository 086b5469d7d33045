/**
 * What counts as an RpcTarget, which depends on who asks (spec/rpc.md 1.1, 1.3, 2.2). What may be
 * sent: what the constructor of RpcTarget made (stub-state.ts), and Proxies that show one in their
 * prototype chain. Others are asked here.
 */
import { types } from "node:util";
import type { TargetKinds } from "../contracts/kinds.ts";
import { stateOf } from "../stub-state.ts";

const inChain = Object.prototype.isPrototypeOf;
const { getPrototypeOf } = Object;

export function createTargetKinds(prototype: object): TargetKinds {
  const showsTarget = (value: unknown): boolean => inChain.call(prototype, value as object);
  return {
    showsTarget,
    inheritsTarget,
    isTarget: (value) => (types.isProxy(value) ? showsTarget(value) : inheritsTarget(value)),
  };
}

function inheritsTarget(value: unknown): boolean {
  let at = value;
  while (typeof at === "object" && at !== null && !types.isProxy(at)) {
    if (stateOf(at)?.kind === "target") return true;
    at = getPrototypeOf(at);
  }
  return false;
}
