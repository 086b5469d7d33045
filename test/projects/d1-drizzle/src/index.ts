import { desc, eq, like, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import * as schema from "./schema";

const { posts, users } = schema;

export default {
  async fetch(request: Request, env: { DB: never }): Promise<Response> {
    const db = drizzle(env.DB, { schema });
    const { pathname, searchParams } = new URL(request.url);
    const route = `${request.method} ${pathname}`;
    try {
      switch (route) {
        case "POST /users":
          return Response.json(
            await db
              .insert(users)
              .values(await request.json())
              .returning(),
          );
        case "POST /posts":
          return Response.json(
            await db
              .insert(posts)
              .values(await request.json())
              .returning(),
          );
        case "GET /users":
          return Response.json(await db.query.users.findMany({ with: { posts: true } }));
        case "GET /posts":
          return Response.json(
            await db
              .select({ title: posts.title, author: users.name, tags: posts.tags })
              .from(posts)
              .innerJoin(users, eq(users.id, posts.authorId))
              .where(like(posts.title, `%${searchParams.get("q") ?? ""}%`))
              .orderBy(desc(posts.id)),
          );
        case "POST /publish": {
          const id = Number(searchParams.get("id"));
          const [, counted] = await db.batch([
            db
              .update(posts)
              .set({ published: true, views: sql`${posts.views} + 1` })
              .where(eq(posts.id, id)),
            db
              .select({ count: sql<number>`count(*)` })
              .from(posts)
              .where(eq(posts.published, true)),
          ]);
          return Response.json(counted);
        }
        case "DELETE /users":
          await db.delete(users).where(eq(users.id, Number(searchParams.get("id"))));
          return Response.json({ posts: await db.$count(posts) });
      }
    } catch (error) {
      const { message, cause } = error as Error;
      return Response.json(
        { message, cause: (cause as Error | undefined)?.message },
        { status: 500 },
      );
    }
    return new Response("not found", { status: 404 });
  },
};
