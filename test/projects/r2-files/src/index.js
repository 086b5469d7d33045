export default {
  async fetch(request, env) {
    const key = decodeURIComponent(new URL(request.url).pathname.slice(1));
    if (request.method === "PUT") {
      const object = await env.FILES.put(key, request.body, {
        httpMetadata: request.headers,
        customMetadata: { uploader: request.headers.get("x-user") ?? "nobody" },
        onlyIf: request.headers,
      });
      if (object === null) return new Response("there already", { status: 412 });
      return Response.json(
        { key: object.key, size: object.size, etag: object.httpEtag },
        { status: 201 },
      );
    }
    if (request.method === "DELETE") {
      await env.FILES.delete(key);
      return new Response(null, { status: 204 });
    }
    if (key === "") {
      const { objects, delimitedPrefixes, truncated } = await env.FILES.list({
        delimiter: "/",
        include: ["customMetadata"],
      });
      return Response.json({
        objects: objects.map(({ key, size, customMetadata }) => ({ key, size, customMetadata })),
        delimitedPrefixes,
        truncated,
      });
    }
    if (request.method !== "GET" && request.method !== "HEAD")
      return new Response(null, { status: 405 });
    let object;
    try {
      object = await env.FILES.get(key, { range: request.headers, onlyIf: request.headers });
    } catch (error) {
      return new Response(error.message, { status: 416 });
    }
    if (object === null) return new Response("no such file", { status: 404 });
    const headers = new Headers();
    object.writeHttpMetadata(headers);
    headers.set("etag", object.httpEtag);
    if (!("body" in object)) return new Response(null, { status: 304, headers });
    const isPart = request.headers.has("range") && object.range.length !== object.size;
    if (isPart) {
      const { offset, length } = object.range;
      headers.set("content-range", `bytes ${offset}-${offset + length - 1}/${object.size}`);
    }
    return new Response(object.body, { status: isPart ? 206 : 200, headers });
  },
};
