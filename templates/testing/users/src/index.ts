import { WorkerEntrypoint } from "cloudflare:workers";

export interface User {
  id: number;
  name: string;
}

const users = new Map<number, User>([
  [1, { id: 1, name: "Ada" }],
  [2, { id: 2, name: "Grace" }],
]);

/** Named in api/wrangler.jsonc: its public methods are what api may call. */
export class Users extends WorkerEntrypoint {
  find(id: number): User | undefined {
    return users.get(id);
  }

  add(user: User): void {
    users.set(user.id, user);
  }

  count(): number {
    return users.size;
  }
}

export default {
  fetch(): Response {
    return new Response("I am the Worker behind env.USERS.\n");
  },
};
