/** What production says when a stream is used as it cannot be (spec/platform.md 9). */

export const readableLocked = "This ReadableStream is currently locked to a reader.";
/** `tee` and `clone` end so. */
export const readableLockedToTee = "This ReadableStream is currently locked to a reader,";
export const readerReleased = "This ReadableStream reader has been released.";
export const readableClosed = "This ReadableStream is closed.";
export const unableToEnqueue = "Unable to enqueue";
export const noByob = "This ReadableStream does not support BYOB reads.";
export const onePendingRead =
  "This ReadableStream only supports a single pending read request at a time.";
export const readsOutstanding =
  "Cannot call releaseLock() on a reader with outstanding read promises.";

export const writableLocked = "This WritableStream is currently locked to a writer.";
/** `pipeTo` says it so. */
export const writableLockedToPipe = "This WritableStream is currently locked to a writer";
export const writerReleased = "This WritableStream writer has been released.";
export const writableClosed = "This WritableStream has been closed.";
export const destinationClosed = "This destination writable stream is closed.";
export const transformNotReadable =
  "The readable side of this TransformStream is no longer readable.";
export const transformTerminated = "The transform stream has been terminated";

export const transformNotBytes =
  "This TransformStream is being used as a byte stream, but received an object of non-ArrayBuffer/ArrayBufferView type on its writable side.";
export const tooManyBytes = "Attempt to write too many bytes through a FixedLengthStream.";
export const tooFewBytes = "FixedLengthStream did not see all expected bytes before close().";

export const zeroLengthChunk = "Cannot enqueue a zero-length ArrayBuffer.";
export const zeroBytesWritten = "The bytesWritten must be more than zero while the stream is open.";
export const requestInvalidated = "This ReadableStreamBYOBRequest has been invalidated.";
export const partialRead = "This ReadableStream was closed with a partial read pending.";
export const wrongBuffer = "The underlying ArrayBuffer is not the correct length.";
