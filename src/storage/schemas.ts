/** Tables of the stores, as wrangler creates them (spec/resources.md 2.4, spec/durable-objects.md 21). */

/** KV, secrets, cached responses, hosted images. `expiration` is in milliseconds since 1970. */
export const ENTRIES_SCHEMA = `
CREATE TABLE IF NOT EXISTS _mf_entries (
  key TEXT PRIMARY KEY, blob_id TEXT NOT NULL, expiration INTEGER, metadata TEXT);
CREATE INDEX IF NOT EXISTS _mf_entries_expiration_idx ON _mf_entries(expiration);`;

/** R2. An object without `blob_id` is made of the parts that name it. */
export const OBJECTS_SCHEMA = `
CREATE TABLE IF NOT EXISTS _mf_objects (
  key TEXT PRIMARY KEY, blob_id TEXT, version TEXT NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL,
  uploaded INTEGER NOT NULL, checksums TEXT NOT NULL, http_metadata TEXT NOT NULL, custom_metadata TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS _mf_multipart_uploads (
  upload_id TEXT PRIMARY KEY, key TEXT NOT NULL, http_metadata TEXT NOT NULL, custom_metadata TEXT NOT NULL,
  state TINYINT DEFAULT 0 NOT NULL);
CREATE TABLE IF NOT EXISTS _mf_multipart_parts (
  upload_id TEXT NOT NULL REFERENCES _mf_multipart_uploads(upload_id), part_number INTEGER NOT NULL,
  blob_id TEXT NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL, checksum_md5 TEXT NOT NULL,
  object_key TEXT REFERENCES _mf_objects(key) DEFERRABLE INITIALLY DEFERRED,
  PRIMARY KEY (upload_id, part_number));`;

export const RATE_LIMIT_SCHEMA = `
CREATE TABLE IF NOT EXISTS _mf_ratelimit_buckets (
  key TEXT NOT NULL, period INTEGER NOT NULL, epoch INTEGER NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (key, period));`;

/** One Durable Object, each table when it is first needed: all key-value data. */
export const OBJECT_KV_SCHEMA =
  "CREATE TABLE IF NOT EXISTS _cf_KV (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;";

/**
 * One Durable Object (key 1: alarm in nanoseconds or NULL, key 2: number of the bookmark); in a D1
 * database only key 2.
 */
export const OBJECT_METADATA_SCHEMA =
  "CREATE TABLE IF NOT EXISTS _cf_METADATA (key INTEGER PRIMARY KEY, value BLOB);";

/** `metadata.sqlite` of a Durable Object class: times in nanoseconds. */
export const ALARMS_SCHEMA = `
CREATE TABLE IF NOT EXISTS _cf_ALARM (
  actor_id TEXT PRIMARY KEY, scheduled_time INTEGER, actor_name TEXT) WITHOUT ROWID;`;
