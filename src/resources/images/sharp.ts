/** The project's own `sharp`, as far as Images use it: never a dependency of drover (spec/resources.md 15). */
import { createRequire } from "node:module";
import { join } from "node:path";

export interface Sharp {
  metadata(): Promise<{
    readonly format?: string;
    readonly width?: number;
    readonly height?: number;
  }>;
  resize(options: {
    readonly width?: number;
    readonly height?: number;
    readonly fit: string;
    readonly withoutEnlargement: boolean;
  }): Sharp;
  rotate(degrees: number): Sharp;
  composite(
    images: readonly { readonly input: Uint8Array; readonly top: number; readonly left: number }[],
  ): Sharp;
  toFormat(format: string, options: { readonly quality?: number }): Sharp;
  toBuffer(): Promise<Uint8Array>;
}

export type MakeSharp = (image: Uint8Array) => Sharp;

/** @throws Error that says what to do, if the project in `folder` has none */
export function loadSharp(folder: string): MakeSharp {
  try {
    const found: unknown = createRequire(join(folder, "package.json"))("sharp");
    return found as MakeSharp;
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    throw new Error(
      `The Images binding works with the project's package "sharp" (npm install --save-dev sharp): ${reason}`,
    );
  }
}
