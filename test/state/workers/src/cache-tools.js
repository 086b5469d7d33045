/** What the cases of the Cache API are made of. */

export const at = (path) => `https://cache.example/${path}`;
export const made = (headers = {}, body = "body", status = 200) =>
  new Response(body, { status, headers });
export const fresh = { "cache-control": "max-age=60" };

/** Headers whose values are not the time of the day. */
export function headersOf(response) {
  return [...response.headers].map(([name, value]) =>
    name === "date" ? [name, new Date(value).toUTCString() === value] : [name, value],
  );
}

export async function seen(response) {
  if (response === undefined) return "miss";
  const { status, statusText, url, redirected } = response;
  return {
    status,
    statusText,
    url,
    redirected,
    headers: headersOf(response),
    body: await response.text(),
  };
}
