/**
 * `--live-reload`: pages of HTML get a script that listens at `/cdn-cgi/live-reload` and loads the
 * page again when a Worker or its assets have changed (spec/wrangler.md 1.1). Main thread of the
 * host; owned by host.ts, asked by the front door and by exchanges.
 */
import type { WorkerAnswer } from "./answer-writer.ts";
import type { ClientSocket, PendingUpgrade } from "./web-sockets.ts";

export const LIVE_RELOAD_PATH = "/cdn-cgi/live-reload";

/** Nobody else speaks it by accident. */
const PROTOCOL = "drover-live-reload";

const SCRIPT = `
<script defer type="application/javascript">
(() => {
  const connect = () => {
    const origin = location.origin.replace(/^http/, "ws");
    const socket = new WebSocket(origin + "${LIVE_RELOAD_PATH}", "${PROTOCOL}");
    socket.onmessage = () => location.reload();
    socket.onclose = () => setTimeout(connect, 200);
  };
  connect();
})();
</script>
`;

/** The answer with the script, if it is a page; `tail`: what is sent after a body that is streamed. */
export function addTail(answer: WorkerAnswer): {
  readonly answer: WorkerAnswer;
  readonly tail?: Uint8Array;
} {
  const { body, headers } = answer;
  if (body === null || !isPage(headers)) return { answer };
  if (typeof body === "string") return { answer: { ...answer, body: body + SCRIPT } };
  const tail = Buffer.from(SCRIPT);
  if (body instanceof Uint8Array) {
    return { answer: { ...answer, body: Buffer.concat([body, tail]) } };
  }
  return { answer: { ...answer, length: -1 }, tail };
}

/** HTML that is not encoded. */
function isPage(headers: string): boolean {
  if (/(?:^|\n)content-encoding\n/i.test(headers)) return false;
  return /(?:^|\n)content-type\n[^\n]*text\/html/i.test(headers);
}

export class LiveReload {
  readonly #pages: Set<ClientSocket> = new Set();

  /** A page wants to hear; one that speaks another protocol is refused. */
  accept(upgrade: PendingUpgrade, offered: string | undefined): void {
    if (offered !== PROTOCOL) {
      upgrade.response.writeHead(400, { "content-length": 0 });
      upgrade.response.end();
      return;
    }
    const page = upgrade.accept(`Sec-WebSocket-Protocol\n${PROTOCOL}`, false);
    this.#pages.add(page);
    page.onPeerClose = (code) => page.sendClose(code, "");
    page.on("error", () => {});
    page.on("close", () => this.#pages.delete(page));
  }

  /** Something that pages may show has changed. */
  reload(): void {
    for (const page of this.#pages) page.send("reload");
  }

  close(): void {
    for (const page of this.#pages) page.terminate();
  }
}
