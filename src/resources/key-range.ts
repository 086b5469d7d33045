/**
 * The keys of one page of a list, KV's and R2's: a range of the index, so that a list costs what it
 * gives and not what lies behind it. SQL text only; ?1 is the prefix, ?2 the key that the page begins
 * after ("" for the first page).
 */

/** In the order of their bytes, none of which is 255 in UTF-8. `+`: the index has its lower bound. */
export const KEYS_OF_PAGE =
  "key >= max(?1, ?2) AND key < ?1 || CAST(x'FF' AS TEXT) AND substr(key, 1, length(?1)) = ?1 AND +key > ?2";

/** The same for a first page whose first key may be empty. */
export const KEYS_OF_FIRST_PAGE: string = KEYS_OF_PAGE.replace("+key > ?2", "?2 = ''");
