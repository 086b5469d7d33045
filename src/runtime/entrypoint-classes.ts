/**
 * The base classes of `cloudflare:workers`. Their constructors only keep what they are given
 * (spec/rpc.md 1.1); user code may construct them with anything.
 */
import { defineInterface } from "../web/interfaces/define-interface.ts";

export class WorkerEntrypoint {
  readonly ctx: unknown;
  readonly env: unknown;

  constructor(ctx: unknown, env: unknown) {
    this.ctx = ctx;
    this.env = env;
  }
}
defineInterface(WorkerEntrypoint, "WorkerEntrypoint");

export class DurableObject {
  readonly ctx: unknown;
  readonly env: unknown;

  constructor(ctx: unknown, env: unknown) {
    this.ctx = ctx;
    this.env = env;
  }
}
defineInterface(DurableObject, "DurableObject");

export class WorkflowEntrypoint {
  readonly ctx: unknown;
  readonly env: unknown;

  constructor(ctx: unknown, env: unknown) {
    this.ctx = ctx;
    this.env = env;
  }
}
defineInterface(WorkflowEntrypoint, "WorkflowEntrypoint");
