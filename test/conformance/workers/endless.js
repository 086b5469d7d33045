/* Bodies without end, for both sides of the cases: `onEnd` is told what their source heard. */

export const said = (error) =>
  error === undefined ? "nothing" : `${error.name}: ${error.message}`;

/** Made in JavaScript. */
export function endless(onEnd) {
  return new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      controller.enqueue(new Uint8Array(10));
    },
    cancel: (reason) => onEnd(said(reason)),
  });
}

/** Native; the promise is settled when its source has ended. */
export function endlessNative(onEnd) {
  const { readable, writable } = new IdentityTransformStream();
  const writer = writable.getWriter();
  const write = async () => {
    try {
      for (;;) await writer.write(new Uint8Array(10));
    } catch (error) {
      onEnd(said(error));
    }
  };
  return { readable, ended: write() };
}
