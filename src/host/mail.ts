/**
 * The paths that hand a message to an `email()` handler (spec/resources.md 11.1), with wrangler's
 * answers: the body is parsed in the storage thread, then the Worker that the request's host names gets
 * the event. Main thread of the host; owned by host.ts, asked by front-door.ts.
 */
import { MessageChannel } from "node:worker_threads";
import type { EventAnswer } from "../protocol/events.ts";
import {
  MAX_MAIL_BYTES,
  type MailRemark,
  type ParsedMail,
  type PostedMail,
} from "../protocol/mail.ts";
import { EventDelivery } from "./event-delivery.ts";
import type { Exchange } from "./exchange.ts";
import type { SessionLink } from "./session-link.ts";
import type { StorageThreads } from "./storage-threads.ts";
import type { WorkerSlot } from "./worker-slot.ts";

/** The name of today, and the one before. */
const MAIL_PATHS: ReadonlySet<string> = new Set(["/cdn-cgi/local/email", "/cdn-cgi/handler/email"]);

const TEXT = "text/plain;charset=UTF-8";
const INCOMPLETE =
  "Invalid email. Your request must include URL parameters specifying the `from` and `to` addresses, as well as an email in the body";
const TOO_LARGE = "Email message size is bigger than the production size limit of 25 MiB.";
const UNHANDLED = "Worker does not export an email() handler; message stored without delivery.";
const DIED = "The thread that reads mail has ended.";

export interface MailContext {
  readonly storage: StorageThreads;
  readonly session: SessionLink;
}

export class Mail {
  readonly #context: MailContext;

  constructor(context: MailContext) {
    this.#context = context;
  }

  /** True: `target` (path and query) is such a path, and the exchange will have its answer. */
  serve(exchange: Exchange, slot: WorkerSlot, target: string): boolean {
    const { pathname, searchParams } = new URL(target, "http://localhost");
    if (!MAIL_PATHS.has(pathname)) return false;
    void this.#receive(exchange, slot, searchParams);
    return true;
  }

  /** What a storage thread says of a message. */
  onRemark({ worker, level, text }: MailRemark): void {
    const entry = { kind: "runtime", level, text, time: Date.now() } as const;
    this.#context.session.queue({ type: "log", worker, entry });
  }

  /** Never rejects. */
  async #receive(exchange: Exchange, slot: WorkerSlot, query: URLSearchParams): Promise<void> {
    const from = query.get("from") ?? "";
    const to = query.get("to") ?? "";
    const body = await exchange.takeBody(MAX_MAIL_BYTES);
    if (body === "broken") return;
    if (from === "" || to === "" || body.byteLength === 0) {
      exchange.answer(400, TEXT, INCOMPLETE);
      return;
    }
    if (body.byteLength > MAX_MAIL_BYTES) {
      exchange.answer(400, TEXT, TOO_LARGE);
      return;
    }
    const parsed = await this.#parse(slot.name, { from, to, raw: body });
    if (parsed.type === "refused") {
      exchange.answer(parsed.status, TEXT, parsed.text);
      return;
    }
    const isJson = query.get("format") === "json";
    const onAnswer = (answer: EventAnswer): void => answerSender(exchange, answer, isJson);
    const ends = { onAnswer, onFailure: exchange.fail.bind(exchange) };
    slot.dispatch(new EventDelivery({ type: "email", mail: parsed.mail }, ends));
  }

  #parse(worker: string, mail: PostedMail): Promise<ParsedMail> {
    const { port1, port2 } = new MessageChannel();
    return new Promise((resolve) => {
      port1.on("message", (parsed: ParsedMail) => {
        resolve(parsed);
        port1.close();
      });
      // Without an answer its thread has died.
      port1.on("close", () => resolve({ type: "refused", status: 500, text: DIED }));
      this.#context.storage.post("mail", { type: "parse-mail", port: port2, worker, mail });
    });
  }
}

function answerSender(exchange: Exchange, answer: EventAnswer, isJson: boolean): void {
  const { outcome, error, mail } = answer;
  const status = outcome === "ok" ? 200 : 500;
  if (isJson) {
    const decision = mail ?? { forwards: [], replies: [], events: [] };
    exchange.answer(status, "application/json", JSON.stringify({ outcome, ...decision }));
    return;
  }
  const isUnhandled = mail?.events.some(({ type }) => type === "unhandled") === true;
  if (isUnhandled) exchange.answer(500, TEXT, UNHANDLED);
  else if (outcome !== "ok") {
    exchange.answer(500, TEXT, error?.stack ?? `The email event came to "${outcome}".`);
  } else if (mail?.rejectReason === undefined) {
    exchange.answer(200, TEXT, "Worker successfully processed email");
  } else {
    const text = `Worker rejected email with the following reason: ${mail.rejectReason}`;
    exchange.answer(400, TEXT, text);
  }
}
