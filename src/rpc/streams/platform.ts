import type { Context } from "../contract.ts";
import type { StreamPlatform } from "../contracts/platform-streams.ts";
import type { StreamSession } from "../contracts/streams.ts";

/** The streams of whoever hosts the engine. Throws where there are none (a peer's mistake). */
export function platformOf(session: StreamSession): StreamPlatform<Context> {
  const { streams } = session.core.host;
  if (streams === undefined) throw new TypeError("There are no streams at this end of the link");
  return streams;
}
