import { symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { runDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";

/*
 * Images with the project's own sharp (spec/resources.md 12). What is expected is what wrangler 4.164 gave
 * for the same images; where it takes another way docs/parity.md says so.
 */
const CONFIG = JSON.stringify({
  name: "a",
  main: "index.js",
  compatibility_date: "2026-06-01",
  images: { binding: "IMAGES" },
});

/** 8 x 4 pixels. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAECAIAAAA8r+mnAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAEklEQVQImWP4z8CAFWEXJUsCAFpeH+EjhPzsAAAAAElFTkSuQmCC",
  "base64",
);

const WORKER = `const PNG = Uint8Array.from(atob("${PNG.toString("base64")}"), (char) => char.charCodeAt(0));
const stream = () => new Response(PNG).body;
const failure = (error) => [error.constructor.name, error.code, error.message];
export default { async fetch(request, { IMAGES }) {
  const sizeOf = async (result) => {
    const { format, width, height } = await IMAGES.info(result.image());
    return [result.contentType(), format, width, height];
  };
  const made = async (transforms, options = { format: "image/png" }) => {
    try {
      let input = IMAGES.input(stream());
      for (const transform of transforms) input = input.transform(transform);
      return await sizeOf(await input.output(options));
    } catch (error) { return failure(error); }
  };
  const used = IMAGES.input(stream());
  const first = await used.output({ format: "image/png" }).catch(failure);
  const answer = first.response?.();
  return Response.json({
    shape: [IMAGES.constructor.name, IMAGES.input(stream()).constructor.name],
    info: [await IMAGES.info(stream()).catch(failure), await IMAGES.info(new Response('<svg xmlns="http://www.w3.org/2000/svg" width="10" height="20"></svg>').body).catch(failure),
      await IMAGES.info(new Response(btoa(String.fromCharCode(...PNG))).body, { encoding: "base64" }).catch(failure)],
    noImage: await IMAGES.info(new Response("no image").body).catch(failure),
    formats: [await made([], { format: "image/jpeg" }), await made([], { format: "image/webp", quality: 50 }), await made([], { format: "image/avif" })],
    gif: await made([], { format: "image/gif" }),
    sizes: [
      await made([{ width: 4 }]), await made([{ width: 4, height: 4 }]), await made([{ width: 4, height: 4, fit: "cover" }]),
      await made([{ width: 4, height: 4, fit: "pad" }]), await made([{ width: 4, height: 4, fit: "squeeze" }]), await made([{ width: 16 }]),
      await made([{ width: 16, height: 16, fit: "scale-down" }]), await made([{ width: 16, height: 16, fit: "contain" }]),
      await made([{ rotate: 90 }]), await made([{ width: 4 }, { rotate: 90 }]), await made([{ rotate: 90 }, { width: 2 }]), await made([{ blur: 5 }]), await made([{ width: 0 }]),
    ],
    wrong: [(await made([{ width: -1 }])).slice(0, 2), (await made([{ width: "x" }])).slice(0, 2)],
    again: await used.output({ format: "image/png" }).catch(failure),
    answer: answer && [answer.status, [...answer.headers], (await answer.arrayBuffer()).byteLength > 0],
    drawn: await IMAGES.input(stream()).draw(IMAGES.input(stream()).transform({ width: 2 }), { top: 1, left: 1 }).output({ format: "image/png" }).then(sizeOf, failure),
  });
} }`;

const png = (width: number, height: number) => ["image/png", "image/png", width, height];

test("Images use the sharp of the project", async () => {
  await using project = await tempProject({
    "wrangler.json": CONFIG,
    "index.js": WORKER,
    "node_modules/.keep": "",
  });
  const sharp = resolve(import.meta.dirname, "../../node_modules/sharp");
  symlinkSync(sharp, join(project.dir, "node_modules/sharp"), "dir");
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  expect(dev.output).toMatch(/env\.IMAGES +Images +local\n/);
  const info = { format: "image/png", fileSize: PNG.byteLength, width: 8, height: 4 };
  expect(await (await dev.fetch("/")).json()).toEqual({
    shape: ["ImagesBindingImpl", "ImageTransformerImpl"],
    info: [info, { format: "image/svg+xml" }, info],
    noImage: [
      "ImagesErrorImpl",
      9523,
      "Unexpected error response 500: Error: Input buffer contains unsupported image format",
    ],
    formats: [
      ["image/jpeg", "image/jpeg", 8, 4],
      ["image/webp", "image/webp", 8, 4],
      ["image/avif", "image/avif", 8, 4],
    ],
    gif: [
      "ImagesErrorImpl",
      9520,
      "IMAGES_TRANSFORM_ERROR 9520: ERROR: GIF output is not supported in local mode",
    ],
    sizes: [
      png(4, 2),
      png(4, 2),
      png(4, 4),
      png(4, 4),
      png(4, 4),
      png(8, 4),
      png(8, 4),
      png(16, 8),
      png(4, 8),
      png(2, 4),
      png(2, 4),
      png(8, 4),
      png(8, 4),
    ],
    wrong: [
      ["ImagesErrorImpl", 9523],
      ["ImagesErrorImpl", 9523],
    ],
    again: [
      "ImagesErrorImpl",
      9525,
      "IMAGES_TRANSFORM_ERROR 9525: ImageTransformer consumed; you may only call .output() or draw a transformer once",
    ],
    answer: [200, [["content-type", "image/png"]], true],
    drawn: png(8, 4),
  });
  await dev.waitForLine(/Images: "blur" of transform\(\) has no effect locally\./);
});

test("without sharp a Worker starts, and is told what to install", async () => {
  await using project = await tempProject({
    "wrangler.json": CONFIG,
    "index.js": `export default { async fetch(request, { IMAGES }) {
      return new Response(await IMAGES.info(new Response("x").body).catch((error) => error.message));
    } }`,
  });
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  expect(dev.output).toMatch(/env\.IMAGES +Images +not supported\n/);
  expect(dev.output).toContain("(npm install --save-dev sharp)");
  expect(await (await dev.fetch("/")).text()).toMatch(
    /^The Images binding works with the project's package "sharp" \(npm install --save-dev sharp\): Cannot find module 'sharp'/,
  );
});
