/** What an Images binding and the thread that runs sharp tell each other; plain data. */

export interface ImageInfo {
  /** A content type. */
  readonly format: string;
  /** Absent for SVG. */
  readonly fileSize?: number;
  readonly width?: number;
  readonly height?: number;
}

/** One step; what else a Worker says of it has no effect locally. */
export interface ImageTransform {
  readonly width?: number;
  readonly height?: number;
  readonly fit?: string;
  readonly rotate?: number;
}

export interface ImageDraw {
  readonly image: Uint8Array;
  readonly transforms: readonly ImageTransform[];
  readonly top?: number;
  readonly left?: number;
}

export interface ImageJob {
  readonly image: Uint8Array;
  readonly steps: readonly (
    | { readonly type: "transform"; readonly transform: ImageTransform }
    | { readonly type: "draw"; readonly draw: ImageDraw }
  )[];
  /** Content type. */
  readonly format: string;
  readonly quality?: number;
}
