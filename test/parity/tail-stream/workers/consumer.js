/**
 * Keeps what `tail` and `tailStream` were given, as text, until somebody asks: GET /seen waits for so many
 * items and so many streams that are over.
 */
const tails = [];
const streams = [];

const type = (value) => (value === null ? "null" : (value?.constructor?.name ?? typeof value));
const isSeen = (url) => url?.includes("/seen") === true;
const copy = (value) =>
  JSON.parse(JSON.stringify(value, (_key, part) => (typeof part === "bigint" ? `${part}n` : part)));

export default {
  async fetch(request) {
    const query = new URL(request.url).searchParams;
    const [items, over] = [Number(query.get("tails")), Number(query.get("streams"))];
    const isEnough = () =>
      tails.length >= items && streams.filter(({ isOver }) => isOver).length >= over;
    while (!isEnough()) await scheduler.wait(5);
    return Response.json({
      tails: tails.splice(0),
      streams: streams.splice(0).map(({ events }) => events),
    });
  },
  tail([item]) {
    const { event } = item;
    if (isSeen(event?.request?.url)) return;
    const socketEvent = type(event?.getWebSocketEvent);
    const keys = event === null ? null : Object.keys(event);
    tails.push({ eventType: type(event), keys, socketEvent, item: copy(item) });
  },
  tailStream(onset) {
    if (isSeen(onset.event.info?.url)) return undefined;
    const stream = { events: [], isOver: false };
    streams.push(stream);
    const keep = (event) => {
      const keys = { timestamp: type(event.timestamp), of: type(event) };
      stream.events.push({ ...copy(event), ...keys });
      if (event.event.type === "outcome") stream.isOver = true;
    };
    keep(onset);
    return keep;
  },
};
