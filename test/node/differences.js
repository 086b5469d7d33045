import { KeyObject } from "node:crypto";
import zlib from "node:zlib";

/**
 * Where drover answers otherwise than the real runtime on purpose: what it answers, and why.
 * @type {Record<string, Record<string, { drover: unknown, why: string }>>}
 */
const error = (code, syscall, message, path) => ({
  class: "Error",
  name: "Error",
  message,
  code,
  syscall,
  ...(path && { path }),
});

export const DIFFERENCES = {
  fs: {
    "readdir recursive": {
      drover: ["sub", "sub/deep", "sub/in", "b", "a"],
      why: "Below the folder, as in Node: production gives paths from the root, without its slash.",
    },
  },
  "fs-names": {
    "symlinks to folders": {
      drover: [
        error("EINVAL", "readdir", "invalid argument, readdir '/tmp/lnd'", "/tmp/lnd"),
        "x",
        1,
        "n",
        true,
        error("EINVAL", "readdir", "invalid argument, readdir '/tmp/lnd'", "/tmp/lnd"),
        "undefined",
        true,
      ],
      why: "unlink takes away the link: production follows it to the folder, and refuses.",
    },
    "a path through a link": {
      drover: ["undefined", "nothing", error("ELOOP", "readlink", "symlink depth exceeded")],
      why: "realpath follows links in the middle of a path: production's does not find what is there.",
    },
  },
  "fs-paths": {
    "names with blanks": {
      drover: [["sp ace é"], "x", "sp ace é"],
      why: "The name as it was given: production lists it as part of a URL.",
    },
    "paths with percent signs": {
      drover: [7, false, ["%41"]],
      why: "Ordinary characters: production reads paths as URLs.",
    },
    "rename of a link": {
      drover: ["undefined", true],
      why: "The link is renamed: production renames what it points to.",
    },
  },
  crypto: {
    lists: {
      drover: [
        [
          "md4",
          "md5",
          "sha1",
          "sha224",
          "sha256",
          "sha384",
          "sha512",
          "md5-sha1",
          "RSA-MD5",
          "RSA-SHA1",
          "RSA-SHA224",
          "RSA-SHA256",
          "RSA-SHA384",
          "RSA-SHA512",
          "DSA-SHA",
          "DSA-SHA1",
          "ecdsa-with-SHA1",
        ],
        [
          "AES-128-CBC",
          "AES-128-CTR",
          "AES-128-ECB",
          "AES-128-GCM",
          "AES-128-OFB",
          "AES-192-CBC",
          "AES-192-CTR",
          "AES-192-ECB",
          "AES-192-GCM",
          "AES-192-OFB",
          "AES-256-CBC",
          "AES-256-CTR",
          "AES-256-ECB",
          "AES-256-GCM",
          "AES-256-OFB",
          "DES-EDE3-CBC",
          "aes-128-cbc",
          "aes-128-ctr",
          "aes-128-ecb",
          "aes-128-gcm",
          "aes-128-ofb",
          "aes-192-cbc",
          "aes-192-ctr",
          "aes-192-ecb",
          "aes-192-gcm",
          "aes-192-ofb",
          "aes-256-cbc",
          "aes-256-ctr",
          "aes-256-ecb",
          "aes-256-gcm",
          "aes-256-ofb",
          "chacha20-poly1305",
          "des-ede3-cbc",
        ],
        ["secp224r1", "prime256v1", "secp384r1", "secp521r1"],
      ],
      why: "getCiphers names what OpenSSL 3 computes of production's list.",
    },
    "what belongs to the process": {
      drover: [
        true,
        true,
        {
          class: "Error",
          name: "Error",
          message: "The setFips method is not implemented",
          code: "ERR_METHOD_NOT_IMPLEMENTED",
        },
        "nothing",
        {
          class: "Error",
          name: "Error",
          message: "The setEngine method is not implemented",
          code: "ERR_METHOD_NOT_IMPLEMENTED",
        },
        { total: 0, used: 0, utilization: 0, min: 0 },
      ],
      why: "Assigning fips changes nothing, and says nothing.",
    },
  },
  pure: {
    emitters: {
      drover: [
        "undefined",
        false,
        false,
        [],
        { class: "Error", name: "Error", message: "x" },
        {
          class: "Error",
          name: "Error",
          message: "Unhandled error. (5)",
          code: "ERR_UNHANDLED_ERROR",
        },
        {
          class: "TypeError",
          name: "TypeError",
          message: 'The "listener" argument must be of type function. Received type number (5)',
          code: "ERR_INVALID_ARG_TYPE",
        },
        "undefined",
        10,
      ],
      why: "Node's emitters have no domain; an own property on each of them would cost every stream.",
    },
  },
};

DIFFERENCES.streams = {
  "the parts of streams": {
    drover: [true, true, "function", true, "undefined"],
    why: "No stream has a domain: see emitters.",
  },
  endings: {
    drover: [
      {
        class: "Error",
        name: "Error",
        message: "Premature close",
        code: "ERR_STREAM_PREMATURE_CLOSE",
      },
      {
        class: "Error",
        name: "Error",
        message: "write after end",
        code: "ERR_STREAM_WRITE_AFTER_END",
      },
      {
        class: "Error",
        name: "AbortError",
        message: "The operation was aborted",
        code: "ABORT_ERR",
      },
      {
        class: "Error",
        name: "AbortError",
        message: "The operation was aborted",
        code: "ABORT_ERR",
      },
      false,
      true,
    ],
    why: "An Error, as Node makes it: production's is a TypeError.",
  },
};

/** What the Node that runs this lacks. */
const needs = (name, version) => ({
  drover: {
    thrown: {
      class: "Error",
      name: "Error",
      message: `${name} needs Node.js ${version} or newer: drover runs on ${process.version}.`,
    },
  },
  why: `Node's own, from ${version} on.`,
});
if (!("toCryptoKey" in KeyObject.prototype)) {
  DIFFERENCES.crypto["a key for web crypto"] = needs("node:crypto KeyObject.toCryptoKey", "22.10");
}
if (!("zstdCompressSync" in zlib))
  DIFFERENCES.pure.zstd = needs("node:zlib zstdCompressSync", "22.15");
