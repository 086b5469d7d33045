/**
 * GET /write: leaves state for other tools. GET /public: the objects of test/state/public-requests.js. GET /read: what the seeded state holds. GET /<group>: runs the cases of a group one after the other and answers with what each gave, as
 * JSON: {title: outcome}. Knows neither drover nor wrangler.
 */

import { cases as cache } from "./cache.js";
import { cases as cacheHits } from "./cache-hits.js";
import { cases as d1 } from "./d1.js";
import { cases as d1Sql } from "./d1-sql.js";
import { cases as kv } from "./kv.js";
import { outcomeOf, shown } from "./outcome.js";
import { writePublic } from "./public.js";
import { cases as r2 } from "./r2.js";
import { cases as r2List } from "./r2-list.js";
import { cases as r2More } from "./r2-more.js";
import { kept, read } from "./read.js";
import { cases as small } from "./small.js";
import { seed, write } from "./write.js";

const groups = {
  kv,
  d1,
  "d1-sql": d1Sql,
  r2,
  "r2-list": r2List,
  "r2-more": r2More,
  cache,
  "cache-hits": cacheHits,
  small,
};

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/write") {
      await write(env);
      return new Response("written");
    }
    if (pathname === "/public") {
      await writePublic(env);
      return new Response("written");
    }
    if (pathname === "/kept") return Response.json(shown(await kept(env)));
    if (pathname === "/seed") {
      await seed();
      return new Response("seeded");
    }
    if (pathname === "/read") return Response.json(shown(await read(env)));
    const group = groups[pathname.slice(1)];
    if (group === undefined) return Response.json(Object.keys(groups), { status: 404 });
    const results = {};
    for (const [title, run] of Object.entries(group)) {
      results[title] = await outcomeOf(() => run(env, request));
    }
    return Response.json(results);
  },
};
