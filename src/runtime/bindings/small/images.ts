/**
 * `env.IMAGES` (spec/resources.md 12): collects what is to be done, and has the thread of Images do it
 * (resources/images). What has no effect locally is said once.
 */
import { assertOwnIo, requireInvocation } from "../../../isolate/invocation.ts";
import { logRuntime } from "../../../isolate/log.ts";
import type { ImageInfo, ImageJob, ImageTransform } from "../../../protocol/images.ts";
import { bytesOf } from "../../../rpc/streams/chunk-bytes.ts";
import { messageOf } from "../../../util/errors.ts";
import { readAll } from "../../../web/http/body-source.ts";
import { Response } from "../../../web/http/response.ts";
import { isReadableStream, ownerOf } from "../../../web/streams/byte-streams.ts";
import type { ResourceCaller } from "../resource.ts";
import { createUnsupported } from "../unsupported.ts";
import { WrappedBinding } from "../wrapped-binding.ts";

/** A message between threads may have 32 MiB. */
const MAX_BYTES: number = 20 * 1024 * 1024;

const TRANSFORMS: ReadonlySet<string> = new Set(["width", "height", "fit", "rotate"]);
const DRAWS: ReadonlySet<string> = new Set(["top", "left"]);
const OUTPUTS: ReadonlySet<string> = new Set(["format", "quality"]);

class ImagesErrorImpl extends Error {
  readonly code: number;

  constructor(message: string, code: number) {
    super(message);
    this.code = code;
  }
}

type Options = Readonly<Record<string, unknown>>;
type Step =
  | { readonly type: "transform"; readonly options: Options }
  | { readonly type: "draw"; readonly image: unknown; readonly options: Options };

interface Inner {
  readonly image: unknown;
  readonly encoding: unknown;
  readonly steps: readonly Step[];
}

/** What a transformer has collected; taken once. */
const collected: WeakMap<object, Inner> = new WeakMap();
const callers: WeakMap<object, ResourceCaller> = new WeakMap();

class ImagesBindingImpl extends WrappedBinding {
  constructor(call: ResourceCaller, id: string) {
    super({ kind: "images", id });
    callers.set(this, call);
  }

  get hosted(): object {
    return createUnsupported("IMAGES.hosted", "Hosted image");
  }

  async info(image?: unknown, options?: unknown): Promise<ImageInfo> {
    const call = callerOf(this);
    requireInvocation("images.info");
    const { encoding } = table(options);
    return await wrapped(async () => call<ImageInfo>("info", await bytesOfImage(image, encoding)));
  }

  input(image?: unknown, options?: unknown): ImageTransformerImpl {
    const transformer = new ImageTransformerImpl();
    const { encoding } = table(options);
    collected.set(transformer, { image, encoding, steps: [] });
    callers.set(transformer, callerOf(this));
    return transformer;
  }

  text(): never {
    throw new Error("IMAGES.text() is not supported by drover yet.");
  }
}

/** `env.IMAGES`. */
export function createImages(call: ResourceCaller, id: string): WrappedBinding {
  return new ImagesBindingImpl(call, id);
}

class ImageTransformerImpl {
  transform(options?: unknown): this {
    add(this, { type: "transform", options: table(options) });
    return this;
  }

  draw(image?: unknown, options?: unknown): this {
    add(this, { type: "draw", image, options: table(options) });
    return this;
  }

  async output(options?: unknown): Promise<TransformationResultImpl> {
    const call = callerOf(this);
    requireInvocation("images.output");
    const { image, encoding, steps } = take(this);
    const given = table(options);
    announce(given, OUTPUTS, "output()");
    const format = String(given.format ?? "image/png");
    return await wrapped(async () => {
      const job: ImageJob = {
        image: await bytesOfImage(image, encoding),
        steps: await Promise.all(steps.map(stepOf)),
        format,
        ...(typeof given.quality === "number" && { quality: given.quality }),
      };
      return new TransformationResultImpl(await call<Uint8Array>("run", job), format);
    });
  }
}

class TransformationResultImpl {
  readonly #bytes: Uint8Array;
  readonly #type: string;

  constructor(bytes: Uint8Array, type: string) {
    this.#bytes = bytes;
    this.#type = type;
  }

  contentType(): string {
    return this.#type;
  }

  image(options?: unknown): object {
    const { encoding } = table(options);
    const body = encoding === "base64" ? Buffer.from(this.#bytes).toString("base64") : this.#bytes;
    return new Response(body).body as object;
  }

  response(): Response {
    return new Response(this.#bytes, { headers: { "content-type": this.#type } });
  }
}

function callerOf(value: object): ResourceCaller {
  const call = callers.get(value);
  if (call === undefined) throw new TypeError("Illegal invocation");
  return call;
}

function table(value: unknown): Options {
  return typeof value === "object" && value !== null ? (value as Options) : {};
}

function add(transformer: object, step: Step): void {
  const inner = collected.get(transformer);
  if (inner === undefined) throw consumed();
  collected.set(transformer, { ...inner, steps: [...inner.steps, step] });
}

function take(transformer: object): Inner {
  const inner = collected.get(transformer);
  if (inner === undefined) throw consumed();
  collected.delete(transformer);
  return inner;
}

function consumed(): Error {
  return new ImagesErrorImpl(
    "IMAGES_TRANSFORM_ERROR 9525: ImageTransformer consumed; you may only call .output() or draw a transformer once",
    9525,
  );
}

async function stepOf(step: Step): Promise<ImageJob["steps"][number]> {
  if (step.type === "transform") {
    announce(step.options, TRANSFORMS, "transform()");
    return { type: "transform", transform: transformOf(step.options) };
  }
  announce(step.options, DRAWS, "draw()");
  const isTransformer = step.image instanceof ImageTransformerImpl;
  const { image, encoding, steps }: Inner = isTransformer
    ? take(step.image as object)
    : { image: step.image, encoding: undefined, steps: [] };
  const { top, left } = step.options;
  const transforms = steps.filter(({ type }) => type === "transform");
  return {
    type: "draw",
    draw: {
      image: await bytesOfImage(image, encoding),
      transforms: transforms.map(({ options }) => transformOf(options)),
      ...(typeof top === "number" && { top }),
      ...(typeof left === "number" && { left }),
    },
  };
}

function transformOf({ width, height, fit, rotate }: Options): ImageTransform {
  for (const value of [width, height, rotate]) {
    if (value === undefined || typeof value === "number") continue;
    throw new Error(
      "IMAGES_TRANSFORM_ERROR 9523: ERROR: Internal Images binding error: Expected JSON array of valid transforms in transforms field",
    );
  }
  return {
    ...(typeof width === "number" && { width }),
    ...(typeof height === "number" && { height }),
    ...(typeof fit === "string" && { fit }),
    ...(typeof rotate === "number" && { rotate }),
  };
}

function announce(options: Options, known: ReadonlySet<string>, method: string): void {
  for (const name of Object.keys(options)) {
    if (known.has(name)) continue;
    const text = `Images: "${name}" of ${method} has no effect locally.`;
    logRuntime("warn", text, text);
  }
}

async function bytesOfImage(image: unknown, encoding: unknown): Promise<Uint8Array> {
  let bytes: Uint8Array | undefined;
  if (isReadableStream(image)) {
    assertOwnIo(ownerOf(image), "ReadableStreamSource>");
    bytes = await readAll(image);
  } else bytes = bytesOf(image)?.slice();
  if (bytes === undefined) {
    throw new Error(
      "Unexpected error response 500: Error: Input buffer contains unsupported image format",
    );
  }
  if (encoding === "base64")
    bytes = new Uint8Array(Buffer.from(Buffer.from(bytes).toString(), "base64"));
  if (bytes.byteLength > MAX_BYTES)
    throw new Error("IMAGES_TRANSFORM_ERROR 9402: The image is too large");
  return bytes;
}

/** What fails becomes an error of Images, with the code that its text has. */
async function wrapped<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ImagesErrorImpl) throw error;
    const text = messageOf(error);
    throw new ImagesErrorImpl(text, Number(/^IMAGES_\w+ (\d+)/.exec(text)?.[1] ?? 9523));
  }
}
