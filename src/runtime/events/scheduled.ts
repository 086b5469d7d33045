/** `scheduled(controller, env, ctx)`: what the handler gets (spec/platform.md 15.2). */
import type { ScheduledEvent } from "../../protocol/events.ts";
import { defineInterface } from "../../web/interfaces/define-interface.ts";
import type { OpenedEvent } from "./opened-event.ts";

const INTERNAL: unique symbol = Symbol("internal");

class ScheduledController {
  readonly cron: string;
  readonly scheduledTime: number;
  #noRetry = false;

  constructor(key?: unknown, event?: ScheduledEvent) {
    if (key !== INTERNAL || event === undefined) throw new TypeError("Illegal constructor");
    this.cron = event.cron;
    this.scheduledTime = event.scheduledTime;
  }

  static isOne(value: object): boolean {
    return #noRetry in value;
  }

  static saysNoRetry(controller: ScheduledController): boolean {
    return controller.#noRetry;
  }

  noRetry(): void {
    this.#noRetry = true;
  }
}
const { isOne, saysNoRetry } = ScheduledController;
Reflect.deleteProperty(ScheduledController, "isOne");
Reflect.deleteProperty(ScheduledController, "saysNoRetry");
defineInterface(ScheduledController, "ScheduledController", { brand: isOne });

export function openScheduled(event: ScheduledEvent): OpenedEvent {
  const controller = new ScheduledController(INTERNAL, event);
  return {
    handler: "scheduled",
    argument: controller,
    missing:
      "Received a ScheduledEvent but we lack a handler for ScheduledEvents (a.k.a. Cron Triggers). Did you remember to export a scheduled() function?",
    missingError: "Handler does not export a scheduled() function",
    result: () => ({ noRetry: saysNoRetry(controller) }),
  };
}
