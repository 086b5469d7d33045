globalThis.counted = (globalThis.counted ?? 0) + 1;
export const counted = true;
