/* A Worker with `request_signal_passthrough`: hands its request on, in one way or another. */
const ways = {
  "/request": (peer, request, url) => peer.fetch(new Request(url, request)),
  "/signal": (peer, request, url) => peer.fetch(url, { signal: request.signal }),
  "/rpc": (peer, request, _url, key) => peer.waitForRequest(key, request),
};

export default {
  async fetch(request, { PEER: peer }, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    const key = searchParams.get("key");
    const url = `http://x/signal?key=${key}`;
    const sent = ways[pathname](peer, request, url, key).then(
      () => peer.write(key, "relay: answered"),
      (error) => peer.write(key, `relay: ${error}`),
    );
    ctx.waitUntil(sent);
    await sent;
    return new Response("relayed");
  },
};
