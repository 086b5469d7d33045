import { WorkerEntrypoint } from "cloudflare:workers";

/* No default export and a choice of entrypoint classes. */
export class First extends WorkerEntrypoint {
  hello() {
    return "first";
  }
}

export class Second extends WorkerEntrypoint {
  hello() {
    return "second";
  }
}
