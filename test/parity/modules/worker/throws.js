globalThis.threw = (globalThis.threw ?? 0) + 1;
throw new RangeError("thrown at its top");
