/** The body of an answer on its way in: the same as that of a request of the front door. */
import { ToNetwork } from "../../protocol/outbound.ts";
import { IncomingBody } from "../http/body-in.ts";
import type { CallPort } from "./contract.ts";

/** `decline`: the Worker wants no more of it. */
export function answerBody(
  id: number,
  headers: string,
  port: CallPort,
  ends: { readonly hold: () => () => void; readonly decline: () => void },
): IncomingBody {
  const found = /(?:^|\n)content-length\n(\d+)(?:\n|$)/i.exec(headers);
  return new IncomingBody(found === null ? -1 : Number(found[1]), {
    credit: (bytes) => port.send([ToNetwork.responseCredit, id, bytes]),
    decline: ends.decline,
    hold: ends.hold,
  });
}
