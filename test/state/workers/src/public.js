/** Objects that are asked for at their public addresses. */
export async function writePublic({ R2 }) {
  await R2.put("public-plain", "0123456789");
  await R2.put("public-empty", "");
  await R2.put("public b/é.txt", "hello world", {
    httpMetadata: {
      contentType: "text/x",
      contentLanguage: "en",
      contentDisposition: "inline",
      cacheControl: "no-cache",
      cacheExpiry: new Date(1_900_000_000_000),
    },
    customMetadata: { not: "shown" },
  });
}
