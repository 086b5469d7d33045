/* What the cases of this folder fetch, over the binding or from the network: by path. */

/** @type {Map<string, (request: Request, env: any, ctx: any) => Response | Promise<Response>>} */
const pages = new Map();

/**
 * @param {string} path
 * @param {(request: Request, env: any, ctx: any) => Response | Promise<Response>} answer
 */
export function page(path, answer) {
  if (pages.has(path)) throw new Error(`two pages are called "${path}"`);
  pages.set(path, answer);
}

/** @returns {Response | Promise<Response> | undefined} undefined: no page */
export function servePage(request, env, ctx) {
  return pages.get(new URL(request.url).pathname)?.(request, env, ctx);
}
