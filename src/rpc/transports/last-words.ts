/**
 * A socket to a Worker of another process that hears, when it is lost, why (protocol/last-words.ts). For
 * those who connect: threads of Workers and src/client/.
 */
import { type LastEnding, type LastWords, lastWordsPath } from "../../protocol/last-words.ts";
import { readJsonLines } from "../../util/json-lines.ts";
import type { Transport } from "../contract.ts";

/** `onWords` is called for each session that is named there, before the transport's `onClose`. */
export function withLastWords(
  transport: Transport,
  socketPath: string,
  onWords: (words: LastWords) => void,
): Transport {
  return {
    kind: transport.kind,
    send: (frames, moves) => transport.send(frames, moves),
    receive: (onFrames, onClose) =>
      transport.receive(onFrames, (error) => {
        const path = lastWordsPath(socketPath);
        // An end like any other, if nobody has left word.
        for (const line of path === undefined ? [] : readJsonLines(path)) {
          const words = line as LastWords | LastEnding;
          if ("session" in words) onWords(words);
        }
        onClose(error);
      }),
    close: (error) => transport.close(error),
    get bufferedBytes() {
      return transport.bufferedBytes;
    },
  };
}
