/** What streams cost a chunk: run inside the Worker and, for the baseline, on Node's own streams. */
const CHUNK = new Uint8Array(1024);

/** `n` chunks, made when they are wanted. */
function source(n) {
  let left = n;
  return new ReadableStream({
    pull(controller) {
      if (left === 0) return controller.close();
      left -= 1;
      controller.enqueue(CHUNK);
    },
  });
}

async function drain(stream) {
  const reader = stream.getReader();
  while (!(await reader.read()).done);
}

const sink = () => new WritableStream({ write() {} });

export const streams = {
  async read(n) {
    await drain(source(n));
  },
  async pipe(n) {
    await source(n).pipeTo(sink());
  },
  async transform(n) {
    const through = new TransformStream({
      transform(chunk, controller) {
        controller.enqueue(chunk);
      },
    });
    await source(n).pipeThrough(through).pipeTo(sink());
  },
  async tee(n) {
    await Promise.all(source(n).tee().map(drain));
  },
};
