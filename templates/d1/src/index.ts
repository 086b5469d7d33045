interface Env {
  DB: D1Database;
}

interface Note {
  readonly id: number;
  readonly text: string;
  readonly created_at: string;
}

const COLUMNS = "id, text, created_at";

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const [, collection, id] = new URL(request.url).pathname.split("/");
    if (collection !== "notes") return notFound("Try GET /notes, or POST /notes with a text.");
    if (request.method === "POST") return Response.json(await add(env, await request.text()));
    if (request.method === "DELETE" && id !== undefined) return remove(env, id);
    const { results } = await env.DB.prepare(`SELECT ${COLUMNS} FROM notes ORDER BY id`).all<Note>();
    return Response.json(results);
  },
};

function add(env: Env, text: string): Promise<Note | null> {
  return env.DB.prepare(`INSERT INTO notes (text) VALUES (?) RETURNING ${COLUMNS}`)
    .bind(text)
    .first<Note>();
}

async function remove(env: Env, id: string): Promise<Response> {
  const { meta } = await env.DB.prepare("DELETE FROM notes WHERE id = ?").bind(id).run();
  return meta.changes === 0 ? notFound(`There is no note ${id}.`) : new Response(null, { status: 204 });
}

function notFound(text: string): Response {
  return new Response(`${text}\n`, { status: 404 });
}
