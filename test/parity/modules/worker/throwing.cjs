globalThis.cjsThrew = (globalThis.cjsThrew ?? 0) + 1;
throw new RangeError(`thrown ${globalThis.cjsThrew}`);
