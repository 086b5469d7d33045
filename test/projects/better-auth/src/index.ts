import { betterAuth } from "better-auth";
import { memoryAdapter } from "@better-auth/memory-adapter";

const db = { user: [], session: [], account: [], verification: [] };

let made: ReturnType<typeof make> | undefined;
const make = (baseURL: string) =>
  betterAuth({
    baseURL,
    secret: "a secret of more than thirty-two characters",
    database: memoryAdapter(db),
    emailAndPassword: { enabled: true, minPasswordLength: 8 },
    session: { cookieCache: { enabled: true, maxAge: 300 } },
    telemetry: { enabled: false },
    rateLimit: { enabled: false },
    logger: { disabled: true },
  });

export default {
  async fetch(request: Request): Promise<Response> {
    const { origin, pathname } = new URL(request.url);
    made ??= make(origin);
    if (pathname.startsWith("/api/auth")) return made.handler(request);
    if (pathname === "/me") {
      const session = await made.api.getSession({ headers: request.headers });
      return Response.json(session && { name: session.user.name, email: session.user.email });
    }
    const counts = Object.entries(db).map(([table, rows]) => [table, rows.length]);
    return Response.json(Object.fromEntries(counts));
  },
};
