/** What the cases of R2 share. */

export async function empty(R2) {
  const { objects } = await R2.list();
  await R2.delete(objects.map(({ key }) => key));
}

/** Everything of an object that does not differ from run to run. */
export function head(object) {
  if (object === null) return null;
  const {
    version: _version,
    uploaded: _uploaded,
    etag,
    httpEtag,
    storageClass: _class,
    ...rest
  } = object;
  return { ...rest, etag, quoted: httpEtag === `"${etag}"`, checksums: object.checksums.toJSON() };
}

/** The same with which keys it has. */
export function shape(object) {
  return { keys: Object.keys(object), ...head(object) };
}
