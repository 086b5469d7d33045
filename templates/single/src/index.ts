interface Env {
  GREETING: string;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/echo") return new Response(request.body);
    console.log(`asked for ${pathname}`);
    return new Response(`${env.GREETING} from ${pathname}\n`);
  },
};
