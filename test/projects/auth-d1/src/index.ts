import { betterAuth } from "better-auth";
import { drizzleAdapter } from "better-auth/adapters/drizzle";
import { eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import * as schema from "./schema";

export default {
  async fetch(request: Request, env: { DB: never }): Promise<Response> {
    const { origin, pathname } = new URL(request.url);
    const db = drizzle(env.DB, { schema });
    const auth = betterAuth({
      baseURL: origin,
      secret: "a secret of more than thirty-two characters",
      database: drizzleAdapter(db, { provider: "sqlite", schema }),
      emailAndPassword: { enabled: true, minPasswordLength: 8 },
      user: { deleteUser: { enabled: true } },
      telemetry: { enabled: false },
      rateLimit: { enabled: false },
      logger: { disabled: true },
    });
    if (pathname.startsWith("/api/auth")) return auth.handler(request);
    if (pathname === "/counts") {
      const tables = [schema.user, schema.session, schema.account, schema.notes];
      return Response.json(await Promise.all(tables.map((table) => db.$count(table))));
    }
    const session = await auth.api.getSession({ headers: request.headers });
    if (session === null) return new Response("Sign in first.", { status: 401 });
    const userId = session.user.id;
    if (request.method === "GET") {
      const own = db.select({ title: schema.notes.title }).from(schema.notes);
      return Response.json(await own.where(eq(schema.notes.userId, userId)).orderBy(schema.notes.id));
    }
    try {
      const title = await request.text();
      const note = db.insert(schema.notes).values({ userId, title });
      return Response.json(await note.returning({ title: schema.notes.title }), { status: 201 });
    } catch (error) {
      return new Response(String((error as Error).cause), { status: 409 });
    }
  },
};
