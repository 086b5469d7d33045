/** Keeps what `tail` was given, as text, until somebody asks: GET /seen waits for `count` of it. */
const seen = [];

const type = (value) => (value === null ? "null" : (value?.constructor?.name ?? typeof value));

function shown(item) {
  const { event } = item;
  return {
    type: type(item),
    keys: Object.keys(item),
    eventType: type(event),
    eventKeys: event === null ? null : Object.keys(event),
    requestType: type(event?.request),
    requestKeys: event?.request && Object.keys(event.request),
    unredacted: event?.request && {
      url: event.request.getUnredacted().url,
      token: event.request.getUnredacted().headers["x-token"],
    },
    responseType: type(event?.response),
    logType: type(item.logs[0]),
    logKeys: item.logs[0] && Object.keys(item.logs[0]),
    exceptionType: type(item.exceptions[0]),
    exceptionKeys: item.exceptions[0] && Object.keys(item.exceptions[0]),
    item,
  };
}

export default {
  async fetch(request) {
    const count = Number(new URL(request.url).searchParams.get("count"));
    while (seen.length < count) await scheduler.wait(5);
    return Response.json(seen.splice(0));
  },
  tail(events, _env, ctx) {
    if (events[0].event?.request?.url.includes("/seen")) return;
    seen.push({
      events: [Array.isArray(events), events.length, type(ctx)],
      ...shown(events[0]),
    });
  },
};
