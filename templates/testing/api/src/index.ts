import type { Users } from "../../users/src/index";

interface Env {
  USERS: Service<typeof Users>;
  GREETING: string;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname } = new URL(request.url);
    const id = /^\/users\/(\d+)$/.exec(pathname)?.[1];
    if (id !== undefined) {
      // A method call into the other Worker: no URL, no JSON, no client to write.
      const user = await env.USERS.find(Number(id));
      if (user === undefined) return new Response("No such user\n", { status: 404 });
      console.log(`found ${user.name}`);
      return Response.json({ greeting: `${env.GREETING}, ${user.name}!`, user });
    }
    return new Response(`Try /users/1. There are ${await env.USERS.count()} users.\n`);
  },
};
