/** Cases of spec/resources.md 5.3 and 5.7: conditions, multipart uploads. */
import { empty, head } from "./bucket.js";
import { outcomes } from "./outcome.js";

const MIN = 5 * 1024 * 1024;

export const cases = {
  "conditions as an object": async ({ R2 }) => {
    await empty(R2);
    const { etag, uploaded } = await R2.put("k", "value");
    const before = new Date(uploaded.getTime() - 10_000);
    const after = new Date(uploaded.getTime() + 10_000);
    const get = async (onlyIf, key = "k") => {
      const object = await R2.get(key, { onlyIf });
      return object === null
        ? null
        : "body" in object && object.body !== undefined
          ? "body"
          : [object.constructor.name, object.size];
    };
    const put = async (onlyIf, key = "k") => {
      const object = await R2.put(key, "value", { onlyIf });
      return object === null ? null : "stored";
    };
    return outcomes(
      ...[
        {},
        { etagMatches: etag },
        { etagMatches: "other" },
        { etagMatches: "*" },
        { etagDoesNotMatch: etag },
        { etagDoesNotMatch: "other" },
        { etagDoesNotMatch: "*" },
        { uploadedBefore: after },
        { uploadedBefore: before },
        { uploadedAfter: before },
        { uploadedAfter: after },
        { uploadedBefore: uploaded },
        { uploadedAfter: uploaded },
        { uploadedBefore: after.getTime() },
        { etagMatches: etag, uploadedBefore: before },
        { etagMatches: etag, etagDoesNotMatch: etag },
        { etagDoesNotMatch: "other", uploadedAfter: after },
        { etagDoesNotMatch: etag, uploadedAfter: before },
        { etagMatches: "other", uploadedBefore: after },
        { uploadedAfter: before, secondsGranularity: true },
        { uploadedBefore: after, secondsGranularity: true },
      ].flatMap((onlyIf) => [() => get(onlyIf)]),
      ...[
        { etagMatches: etag },
        { etagMatches: "other" },
        { etagDoesNotMatch: "*" },
        { etagDoesNotMatch: "other" },
        { uploadedBefore: before },
        { uploadedAfter: before },
      ].map((onlyIf) => () => put(onlyIf)),
      ...[
        { etagMatches: "x" },
        { etagMatches: "*" },
        { etagDoesNotMatch: "*" },
        { uploadedAfter: before },
        { uploadedBefore: before },
      ].map((onlyIf, index) => () => put(onlyIf, `new${index}`)),
      () => get({ etagMatches: "x" }, "missing"),
      ...[
        { etagMatches: `"${etag}"` },
        { etagMatches: 5 },
        { etagMatches: null },
        { etagDoesNotMatch: {} },
        { uploadedBefore: "x" },
        { uploadedBefore: new Date(NaN) },
        { uploadedAfter: null },
        { secondsGranularity: "x", etagMatches: etag },
        5,
        "x",
      ].map((onlyIf) => () => get(onlyIf)),
      () => R2.put("k", "value", { onlyIf: 5 }),
    );
  },

  "conditions as headers": async ({ R2 }) => {
    const { etag, uploaded } = await R2.put("k", "value");
    const before = new Date(uploaded.getTime() - 100_000).toUTCString();
    const after = new Date(uploaded.getTime() + 100_000).toUTCString();
    const get = async (headers) => {
      const object = await R2.get("k", { onlyIf: new Headers(headers) });
      return object.body === undefined ? "refused" : "body";
    };
    return outcomes(
      ...[
        {},
        { "if-match": `"${etag}"` },
        { "if-match": '"other"' },
        { "if-match": "*" },
        { "if-match": `"other", "${etag}"` },
        { "if-match": `W/"${etag}"` },
        { "if-none-match": `"${etag}"` },
        { "if-none-match": '"other"' },
        { "if-none-match": "*" },
        { "if-none-match": `W/"${etag}"` },
        { "if-none-match": `"other",W/"${etag}"` },
        { "if-modified-since": before },
        { "if-modified-since": after },
        { "if-unmodified-since": before },
        { "if-unmodified-since": after },
        { "if-modified-since": "nonsense" },
        { "if-unmodified-since": "nonsense" },
        { "if-none-match": '"other"', "if-modified-since": after },
        { "if-match": `"${etag}"`, "if-unmodified-since": before },
        { "if-match": etag },
        { "if-match": "" },
        { "if-none-match": "x" },
        { "if-match": "W/x" },
        { "if-match": '"open' },
        { "if-match": '"a" "b"' },
        { "if-match": '"a" *' },
        { "if-match": '"a" W/"b"' },
        { "if-none-match": 'w/"x"' },
        { "if-match": '"a",' },
        { "if-match": ',"a"' },
      ].map((headers) => () => get(headers)),
    );
  },

  "multipart: parts and their objects": async ({ R2 }) => {
    const upload = await R2.createMultipartUpload("big", {
      httpMetadata: { contentType: "a/b" },
      customMetadata: { a: "1" },
    });
    const part = (byte, size) => new Uint8Array(size).fill(byte);
    const third = await upload.uploadPart(3, "tail");
    const first = await upload.uploadPart(1, part(1, MIN));
    const second = await upload.uploadPart(2, part(2, MIN));
    const resumed = R2.resumeMultipartUpload("big", upload.uploadId);
    const object = await resumed.complete([second, first, third]);
    const range = await R2.get("big", { range: { offset: MIN - 2, length: 4 } });
    const tail = await R2.get("big", { range: { suffix: 6 } });
    const whole = new Uint8Array(await (await R2.get("big")).arrayBuffer());
    return {
      part: [Object.keys(third), third.partNumber, typeof third.etag],
      object: head(object),
      head: head(await R2.head("big")),
      range: new Uint8Array(await range.arrayBuffer()),
      tail: new Uint8Array(await tail.arrayBuffer()),
      size: whole.length,
      ends: [whole[0], whole[MIN], whole.at(-1)],
      after: await outcomes(
        () => upload.uploadPart(4, "x"),
        () => upload.complete([first]),
        () => upload.abort(),
      ),
      replaced: [head(await R2.put("big", "small")), await (await R2.get("big")).text()],
    };
  },

  "multipart: rules": async ({ R2 }) => {
    const open = () => R2.createMultipartUpload("m");
    const part = (size) => new Uint8Array(size);
    const completed = async (...sizes) => {
      const upload = await open();
      const parts = [];
      for (const [index, size] of sizes.entries())
        parts.push(await upload.uploadPart(index + 1, part(size)));
      return head(await upload.complete(parts));
    };
    const upload = await open();
    const one = await upload.uploadPart(1, "one");
    return outcomes(
      () => completed(3),
      () => completed(3, 4),
      () => completed(MIN, MIN + 1),
      () => completed(MIN + 1, MIN, 1),
      () => completed(MIN, 1),
      () => completed(),
      () => upload.complete([one, one]),
      () => upload.complete([{ partNumber: 2, etag: one.etag }]),
      () => upload.complete([{ partNumber: 1, etag: "x" }]),
      () => upload.complete([{}]),
      () => upload.complete([5]),
      () => upload.complete(),
      () => upload.complete(5),
      ...[0, 10_001, -1, "x", 1.5].map(
        (number) => () => upload.uploadPart(number, "x").then(({ partNumber }) => partNumber),
      ),
      () => upload.uploadPart(1),
      () => upload.uploadPart(1, null),
      () => upload.uploadPart(),
      () => upload.uploadPart(1, new ReadableStream()),
      () => upload.uploadPart(2, new Blob(["b"])).then(({ partNumber }) => partNumber),
      async () => {
        const again = await upload.uploadPart(1, "again");
        const object = await upload.complete([again]);
        return [object.size, await (await R2.get("m")).text()];
      },
      () => upload.complete([one]),
      () => upload.uploadPart(1, "x"),
      () => R2.resumeMultipartUpload("m", "unknown").uploadPart(1, "x"),
      () => R2.resumeMultipartUpload("m", "unknown").complete([one]),
      () => R2.resumeMultipartUpload("m", "unknown").abort(),
      () => R2.resumeMultipartUpload("other", upload.uploadId).uploadPart(1, "x"),
      () => R2.resumeMultipartUpload("m"),
      () => R2.resumeMultipartUpload(),
      () => R2.createMultipartUpload(),
      async () => {
        const aborted = await open();
        await aborted.uploadPart(1, "x");
        return [await aborted.abort(), await aborted.abort()];
      },
      async () => {
        const aborted = await open();
        const listed = await aborted.uploadPart(1, "x");
        await aborted.abort();
        return aborted.complete([listed]);
      },
    );
  },

  "keys for customers' own encryption": async ({ R2 }) => {
    const key = new Uint8Array(32).fill(1);
    return outcomes(
      () => R2.put("e", "x", { ssecKey: key.buffer }).then(head),
      () => R2.put("e", "x", { ssecKey: "01".repeat(32) }).then(head),
      () => R2.put("e", "x", { ssecKey: "zz" }),
      () => R2.put("e", "x", { ssecKey: new Uint8Array(5).buffer }),
      () => R2.put("e", "x", { ssecKey: 5 }),
      () => R2.get("e", { ssecKey: "01".repeat(32) }).then((object) => object.text()),
      () => R2.get("e").then((object) => object.text()),
      () => R2.put("e", "x", { storageClass: "InfrequentAccess" }).then(head),
      () => R2.put("e", "x", { storageClass: 5 }).then(head),
    );
  },
};
