/** What the callee answers to `fetch`, by path. */
export const pages = {
  "/throw": () => {
    throw new RangeError("thrown by fetch");
  },
  "/retryable": () => {
    throw Object.assign(new Error("try again"), { retryable: true });
  },
  "/redirect": (_request, origin) => Response.redirect(`${origin}/redirected`, 302),
  "/redirect-303": (_request, origin) => Response.redirect(`${origin}/redirected`, 303),
  "/redirect-307": (_request, origin) => Response.redirect(`${origin}/echo`, 307),
  "/loop": (_request, origin) => Response.redirect(`${origin}/loop`, 302),
  "/echo": (request) => new Response(request.body, { headers: request.headers }),
  "/json": () => Response.json({ json: true }),
  "/missing": () => new Response("nothing here", { status: 404 }),
  "/failing": () => new Response("broken", { status: 500 }),
  "/incoming": ({ redirect, headers: given }) => {
    let headers = "mutable";
    try {
      given.set("x", "1");
    } catch (error) {
      headers = error.name;
    }
    return Response.json({ redirect, headers });
  },
  "/nothing": () => undefined,
  "/promise": (_request, _origin, peer) => peer.env.PEER.makeResponse(),
  "/failing-body": () => {
    let pulls = 0;
    return new Response(
      new ReadableStream({
        async pull(controller) {
          pulls += 1;
          if (pulls === 1) controller.enqueue(new TextEncoder().encode("first"));
          else {
            // The real runtime drops what it reads together with the failure.
            await new Promise((resolve) => setTimeout(resolve, 5));
            controller.error(new RangeError("midway"));
          }
        },
      }),
    );
  },
  "/later-text": async () => "no Response",
  "/slow": async () => {
    await new Promise((resolve) => setTimeout(resolve, 30));
    return new Response("slow");
  },
};
