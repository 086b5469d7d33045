/**
 * Node's own web streams as the Worker's, and back: for what Node makes or takes them
 * (`Readable.toWeb` and the like, Node's Blob). Nothing else of Node's web streams is in use.
 */
import { nodeWebStreams } from "../../util/late-modules.ts";
import { readStream, writeStream } from "./byte-streams.ts";
import { ReadableStream as OwnReadable } from "./readable-stream.ts";
import { WritableStream as OwnWritable } from "./writable-stream.ts";

type NodeReadable = InstanceType<typeof ReadableStream>;
type NodeWritable = InstanceType<typeof WritableStream>;

export function isNodeReadable(stream: unknown): stream is NodeReadable {
  return stream instanceof nodeWebStreams().ReadableStream;
}

/** Locks `stream`. */
export function nodeReadable(stream: OwnReadable): NodeReadable {
  const reading = readStream(stream);
  return new (nodeWebStreams().ReadableStream)(
    {
      async pull(controller) {
        if (reading.take() || (await reading.wait())) controller.enqueue(reading.value);
        else controller.close();
      },
      cancel: async (reason) => void (await reading.cancel(reason)),
    },
    { highWaterMark: 0 },
  );
}

/** Locks `stream`. */
export function nodeWritable(stream: OwnWritable): NodeWritable {
  const writing = writeStream(stream);
  return new (nodeWebStreams().WritableStream)({
    write: (chunk: unknown) => writing.write(chunk),
    close: () => writing.close(),
    abort: (reason) => writing.abort(reason),
  });
}

/** Locks `stream`. */
export function ownReadable(stream: NodeReadable): OwnReadable {
  const reader = stream.getReader();
  return new OwnReadable(
    {
      async pull(controller) {
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

/** Locks `stream`. */
export function ownWritable(stream: NodeWritable): OwnWritable {
  const writer = stream.getWriter();
  writer.closed.catch(() => {});
  return new OwnWritable({
    write: (chunk: unknown) => writer.write(chunk),
    close: () => writer.close(),
    abort: (reason) => writer.abort(reason),
  });
}
