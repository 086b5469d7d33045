/**
 * What a `tail` handler gets (spec/platform.md 16.1): classes by production's names, with production's
 * own properties in their order. Loaded with the first tail event of a thread; used by worker.ts.
 */
import type {
  FetchTrace,
  HibernatableTrace,
  TraceChannelData,
  TraceData,
  TraceEvent,
  TraceExceptionData,
  TraceLogData,
} from "../../protocol/tail.ts";
import { redactHeaders, redactUrl } from "./redact.ts";

type Members = Readonly<Record<string, unknown>>;

/** A class that nobody else can make instances of. */
function create(name: string, methods: Readonly<Record<string, (this: object) => unknown>> = {}) {
  const cls = {
    [name]: class {
      constructor() {
        throw new TypeError("Illegal constructor");
      }
    },
  }[name] as new () => object;
  for (const [key, value] of Object.entries(methods)) {
    Object.defineProperty(cls.prototype, key, {
      value,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return (members: Members): object =>
    Object.create(
      cls.prototype as object,
      Object.fromEntries(
        Object.entries(members).map(([key, value]) => [
          key,
          { value, enumerable: true, writable: true, configurable: true },
        ]),
      ),
    ) as object;
}

const unredacted: WeakMap<object, FetchTrace> = new WeakMap();

const traceItem = create("TraceItem");
const traceLog = create("TraceLog");
const traceException = create("TraceException");
const traceChannelEvent = create("TraceDiagnosticChannelEvent");
const fetchInfo = create("FetchEventInfo");
const responseInfo = create("Response");
const rpcInfo = create("JsRpcEventInfo");
const scheduledInfo = create("ScheduledEventInfo");
const queueInfo = create("QueueEventInfo");
const emailInfo = create("EmailEventInfo");
const tailInfo = create("TailEventInfo");
const tailItem = create("TailItem");
const alarmInfo = create("AlarmEventInfo");
const webSocketInfo = create("HibernatableWebSocketEventInfo");
const webSocketEvents = {
  message: create("Message"),
  close: create("Close"),
  error: create("Error"),
};
const connectInfo = create("ConnectEventInfo");
const customInfo = create("CustomEventInfo");
const requestInfo = create("Request", {
  getUnredacted(): object {
    const trace = unredacted.get(this);
    if (trace === undefined) throw new TypeError("Illegal invocation");
    return requestOf(trace, false);
  },
});

export function createTraceItem(data: TraceData): object {
  return traceItem({
    wallTime: data.wallTime,
    cpuTime: 0,
    truncated: data.truncated,
    executionModel: data.executionModel,
    outcome: data.outcome,
    durableObjectId: data.durableObjectId,
    preview: undefined,
    tailAttributes: undefined,
    scriptTags: undefined,
    dispatchNamespace: undefined,
    scriptVersion: undefined,
    entrypoint: data.entrypoint,
    scriptName: data.scriptName,
    diagnosticsChannelEvents: data.channels.map(channelOf),
    exceptions: data.exceptions.map(exceptionOf),
    logs: data.logs.map(logOf),
    eventTimestamp: data.eventTimestamp,
    event: eventOf(data.event),
  });
}

function logOf({ level, message, timestamp, errors }: TraceLogData): object {
  return traceLog({
    errorInfo: errors?.map((error) => error && { ...error }),
    message: JSON.parse(message),
    level,
    timestamp,
  });
}

function exceptionOf({ name, message, stack, timestamp }: TraceExceptionData): object {
  return traceException({ stack, name, message, timestamp });
}

function channelOf({ channel, message, timestamp }: TraceChannelData): object {
  return traceChannelEvent({ message, channel, timestamp });
}

function eventOf(event: TraceEvent): object {
  switch (event.type) {
    case "fetch": {
      const response =
        event.status === undefined ? undefined : responseInfo({ status: event.status });
      return fetchInfo({ request: requestOf(event, true), response });
    }
    case "rpc":
      return rpcInfo({ rpcMethod: event.rpcMethod });
    case "scheduled":
      return scheduledInfo({ cron: event.cron, scheduledTime: event.scheduledTime });
    case "queue":
      return queueInfo({ batchSize: event.batchSize, queue: event.queue });
    case "email": {
      const { rawSize, rcptTo, mailFrom } = event;
      return emailInfo({ rawSize, rcptTo, mailFrom });
    }
    case "tail":
      return tailInfo({
        consumedEvents: event.consumed.map((scriptName) => tailItem({ scriptName })),
      });
    case "alarm":
      return alarmInfo({ scheduledTime: new Date(event.scheduledTime) });
    case "webSocket":
      return webSocketInfo({ getWebSocketEvent: webSocketEventOf(event) });
    case "tailStream":
      return tailInfo({ consumedEvents: [] });
    case "connect":
      return connectInfo({});
    case "other":
      return customInfo({});
  }
}

function webSocketEventOf({ event, code, wasClean }: HibernatableTrace): object {
  const create = webSocketEvents[event];
  return create(
    event === "close"
      ? { wasClean, code, webSocketEventType: event }
      : { webSocketEventType: event },
  );
}

function requestOf(trace: FetchTrace, isRedacted: boolean): object {
  const { url, method, headers, cf } = trace;
  const shown = requestInfo({
    url: isRedacted ? redactUrl(url) : url,
    method,
    headers: isRedacted ? redactHeaders(headers) : { ...headers },
    cf,
  });
  unredacted.set(shown, trace);
  return shown;
}
