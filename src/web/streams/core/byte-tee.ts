/**
 * `tee` of a byte stream made in JavaScript (the standard's ReadableByteStreamTee): each branch gets
 * bytes of its own, and a BYOB read of a branch becomes one of the source.
 */
import { ByteReadable } from "./byte-readable.ts";
import { Deferred, react, soon } from "./promises.ts";
import { Reader, type ReadIntoRequest, type ReadRequest } from "./readable.ts";
import { copyOf } from "./views.ts";

/** Locks `source`, which must not be locked. */
export function teeBytes(source: ByteReadable): [ByteReadable, ByteReadable] {
  const { one, other } = new ByteTee(source);
  return [one.stream.begin(), other.stream.begin()];
}

interface Branch {
  readonly stream: ByteReadable;
  isCancelled: boolean;
  readAgain: boolean;
}

class ByteTee {
  readonly one: Branch;
  readonly other: Branch;
  readonly #source: ByteReadable;
  readonly #cancelDone: Deferred<unknown> = new Deferred();
  #reader: Reader;
  #isReading = false;

  constructor(source: ByteReadable) {
    this.#source = source;
    this.one = this.#branch();
    this.other = this.#branch();
    this.#reader = this.#newReader(false);
  }

  #branch(): Branch {
    const branch: Branch = {
      stream: new ByteReadable(
        {
          start: undefined,
          pull: () => this.#pull(branch),
          cancel: (reason) => this.#cancel(branch, reason),
        },
        0,
        0,
      ),
      isCancelled: false,
      readAgain: false,
    };
    return branch;
  }

  #newReader(isByob: boolean): Reader {
    const reader = new Reader(this.#source, isByob);
    react(reader.closed.promise, undefined, (error) => {
      if (reader !== this.#reader) return;
      this.one.stream.error(error);
      this.other.stream.error(error);
      this.#settleCancel();
    });
    return reader;
  }

  #switchReader(isByob: boolean): void {
    if (this.#reader.isByob === isByob) return;
    const before = this.#reader;
    before.release();
    // The `closed` of the one before rejects: not to be taken for a failure.
    this.#reader = this.#newReader(isByob);
  }

  #pull(branch: Branch): void {
    if (this.#isReading) {
      branch.readAgain = true;
      return;
    }
    this.#isReading = true;
    const view = branch.stream.byobRequest?.view;
    if (view === undefined || view === null) {
      this.#switchReader(false);
      this.#source.read(this.#defaultRequest());
    } else {
      this.#switchReader(true);
      this.#source.readInto(view, 1, this.#intoRequest(branch));
    }
  }

  #cancel(branch: Branch, reason: unknown): Promise<unknown> {
    branch.isCancelled = true;
    // Production tells the source the second reason alone.
    if (this.one.isCancelled && this.other.isCancelled) {
      this.#cancelDone.resolve(this.#source.cancel(reason));
    }
    return this.#cancelDone.promise;
  }

  #defaultRequest(): ReadRequest {
    return {
      chunk: (value) => soon(() => this.#deliver(value as Uint8Array)),
      close: () => {
        this.#isReading = false;
        for (const branch of [this.one, this.other]) this.#close(branch);
        for (const { stream } of [this.one, this.other]) {
          if (stream.hasPulls) stream.respond(0);
        }
        this.#settleCancel();
      },
      error: () => {
        this.#isReading = false;
      },
    };
  }

  #deliver(chunk: Uint8Array): void {
    this.#beginDelivery();
    const { one, other } = this;
    const copy = one.isCancelled || other.isCancelled ? chunk : bytesCopy(chunk);
    if (!one.isCancelled && one.stream.isOpen) one.stream.enqueue(chunk);
    if (!other.isCancelled && other.stream.isOpen) other.stream.enqueue(copy);
    this.#endDelivery();
  }

  #intoRequest(branch: Branch): ReadIntoRequest {
    const other = branch === this.one ? this.other : this.one;
    return {
      chunk: (view) =>
        soon(() => {
          this.#beginDelivery();
          const copy = other.isCancelled ? undefined : bytesCopy(view);
          if (!branch.isCancelled) branch.stream.respondWithNewView(view);
          if (copy !== undefined && other.stream.isOpen) other.stream.enqueue(copy);
          this.#endDelivery();
        }),
      close: (view) => {
        this.#isReading = false;
        this.#close(branch);
        this.#close(other);
        if (view !== undefined) {
          if (!branch.isCancelled) branch.stream.respondWithNewView(view);
          if (!other.isCancelled && other.stream.hasPulls) other.stream.respond(0);
        }
        this.#settleCancel();
      },
      error: () => {
        this.#isReading = false;
      },
    };
  }

  #beginDelivery(): void {
    this.one.readAgain = false;
    this.other.readAgain = false;
  }

  #endDelivery(): void {
    this.#isReading = false;
    if (this.one.readAgain) this.#pull(this.one);
    else if (this.other.readAgain) this.#pull(this.other);
  }

  #close(branch: Branch): void {
    if (!branch.isCancelled && branch.stream.isOpen) branch.stream.close();
  }

  #settleCancel(): void {
    if (!this.one.isCancelled || !this.other.isCancelled) this.#cancelDone.resolve(undefined);
  }
}

function bytesCopy({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(copyOf(buffer, byteOffset, byteLength));
}
