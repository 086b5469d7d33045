import { WorkerEntrypoint } from "cloudflare:workers";

/* No default export, one entrypoint class (the seed documents bind to such Workers). */
export class OnlyOne extends WorkerEntrypoint {
  add(a, b) {
    return a + b;
  }

  fetch() {
    return new Response("from the only class");
  }
}
