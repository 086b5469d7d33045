/* A Worker from long before RPC, but with the flag for it: compatibility date 2022-01-01. */
const said = (run) => {
  try {
    return String(run());
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
};

const probes = {
  constructors: () => [
    said(() => new ReadableStream()),
    said(() => new WritableStream()),
    typeof ReadableStreamDefaultController,
    new Response("x").body instanceof ReadableStream,
  ],
  transform: async () => {
    const { readable, writable } = new TransformStream({
      transform: (_chunk, controller) => controller.enqueue("not used"),
    });
    const writer = writable.getWriter();
    writer.write(new TextEncoder().encode("as it is"));
    writer.close();
    return await new Response(readable).text();
  },
  cookies: () => {
    const headers = new Headers({ a: "1" });
    headers.append("set-cookie", "x=1");
    headers.append("set-cookie", "y=2");
    return [[...headers], headers.getAll("set-cookie"), typeof headers.getSetCookie];
  },
  streams: async (peer) => [
    await peer.readAll(new Response("there").body),
    await new Response(await peer.bytes(["and ", "back"])).text(),
  ],
};

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    return Response.json(await probes[pathname.slice(1)](env.PEER));
  },
};
