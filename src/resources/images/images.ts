/**
 * Images in a storage thread of their own: the RPC target behind `env.IMAGES` (spec/resources.md 12).
 * What wrangler does with sharp is done with the project's own; whatever fails is told in wrangler's words.
 */
import type { ImageDraw, ImageInfo, ImageJob, ImageTransform } from "../../protocol/images.ts";
import { loadSharp, type MakeSharp } from "./sharp.ts";

/** What `fit` of Images is to sharp, and whether it makes images larger. */
const FITS: Readonly<Record<string, { readonly fit: string; readonly enlarges: boolean }>> = {
  contain: { fit: "inside", enlarges: true },
  cover: { fit: "cover", enlarges: true },
  crop: { fit: "cover", enlarges: false },
  pad: { fit: "contain", enlarges: true },
  squeeze: { fit: "fill", enlarges: true },
  "scale-down": { fit: "inside", enlarges: false },
};
const DEFAULT_FIT = { fit: "inside", enlarges: false };

const FORMATS: Readonly<Record<string, string>> = {
  "image/png": "png",
  "image/jpeg": "jpeg",
  "image/webp": "webp",
  "image/avif": "avif",
};

export class ImagesService {
  readonly #folder: string;
  #make: MakeSharp | undefined;

  /** `folder`: of the project whose `sharp` is used. */
  constructor(_root: string, folder: string) {
    this.#folder = folder;
  }

  async info(image: Uint8Array): Promise<ImageInfo> {
    return await this.#guard(async (make) => {
      const { format, width = 0, height = 0 } = await make(image).metadata();
      if (format === "svg") return { format: "image/svg+xml" };
      // sharp says "heif" of AVIF.
      const type = format === "heif" ? "avif" : format;
      return { format: `image/${type}`, fileSize: image.byteLength, width, height };
    });
  }

  async run({ image, steps, format, quality }: ImageJob): Promise<Uint8Array> {
    const type = FORMATS[format];
    if (type === undefined) {
      const what = /^rgba?$/.test(format)
        ? "RGB/RGBA output is"
        : format === "image/gif"
          ? "GIF output is"
          : `Output format ${format} is`;
      throw new Error(`IMAGES_TRANSFORM_ERROR 9520: ERROR: ${what} not supported in local mode`);
    }
    return await this.#guard(async (make) => {
      let bytes = image;
      for (const step of steps) {
        bytes =
          step.type === "transform"
            ? await transformed(make, bytes, step.transform)
            : await drawn(make, bytes, step.draw);
      }
      const options = quality === undefined ? {} : { quality };
      return new Uint8Array(await make(bytes).toFormat(type, options).toBuffer());
    });
  }

  async #guard<T>(run: (make: MakeSharp) => Promise<T>): Promise<T> {
    this.#make ??= loadSharp(this.#folder);
    const make = this.#make;
    try {
      return await run(make);
    } catch (error) {
      throw new Error(`Unexpected error response 500: ${String(error)}`);
    }
  }
}

/** Lossless between the steps: each sees what the one before made. */
async function transformed(
  make: MakeSharp,
  image: Uint8Array,
  { width, height, fit, rotate }: ImageTransform,
): Promise<Uint8Array> {
  let sharp = make(image);
  if (rotate !== undefined) sharp = sharp.rotate(rotate);
  const isResized = (width !== undefined && width !== 0) || (height !== undefined && height !== 0);
  if (isResized) {
    const { fit: how, enlarges } = FITS[fit ?? ""] ?? DEFAULT_FIT;
    sharp = sharp.resize({
      ...(width !== undefined && width !== 0 && { width }),
      ...(height !== undefined && height !== 0 && { height }),
      fit: how,
      withoutEnlargement: !enlarges,
    });
  }
  return await sharp.toFormat("png", {}).toBuffer();
}

async function drawn(
  make: MakeSharp,
  image: Uint8Array,
  { image: overlay, transforms, top = 0, left = 0 }: ImageDraw,
): Promise<Uint8Array> {
  let input = overlay;
  for (const transform of transforms) input = await transformed(make, input, transform);
  return await make(image).composite([{ input, top, left }]).toFormat("png", {}).toBuffer();
}
