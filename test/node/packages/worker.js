/*
 * Packages from the registry, as they are (spec/node.md 11): `/` answers with what each gives. Runs in
 * drover (test/e2e/node-packages.test.ts) and in wrangler; what that gave is recorded.json.
 */

import { generateKeyPairSync } from "node:crypto";
import fs from "node:fs";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import bcrypt from "bcryptjs";
import debug from "debug";
import dotenv from "dotenv";
import Fastify from "fastify";
import { GoogleAuth, OAuth2Client } from "google-auth-library";
import { jwtVerify, SignJWT } from "jose";
import jwt from "jsonwebtoken";
import { MongoClient } from "mongodb";
import OpenAI from "openai";
import pino from "pino";
import Stripe from "stripe";
import { Telegraf } from "telegraf";
import winston from "winston";
import ws, { WebSocketServer } from "ws";
import { z } from "zod";

const told = async (run) => {
  try {
    return await run();
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
};
const pem = (key, type) => key.export({ type, format: "pem" });

const packages = {
  async jsonwebtoken() {
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const pair = ({ privateKey, publicKey }) => [pem(privateKey, "pkcs8"), pem(publicKey, "spki")];
    const round = (algorithm, secret, open = secret) =>
      told(() => jwt.verify(jwt.sign({ a: 1 }, secret, { algorithm, noTimestamp: true }), open));
    return [
      await round("HS256", "secret"),
      await round("RS256", ...pair(rsa)),
      await round("ES256", ...pair(ec)),
      await round("PS256", ...pair(rsa)),
      await told(() => jwt.verify("a.b.c", "secret")),
    ];
  },
  async bcryptjs() {
    const hash = await bcrypt.hash("password", 4);
    return [hash.length, await bcrypt.compare("password", hash), bcrypt.compareSync("other", hash)];
  },
  async jose() {
    const key = new TextEncoder().encode("a secret that is long enough for HS256");
    const token = await new SignJWT({ a: 1 }).setProtectedHeader({ alg: "HS256" }).sign(key);
    const { payload, protectedHeader } = await jwtVerify(token, key);
    return [payload, protectedHeader];
  },
  zod() {
    const shape = z.object({ name: z.string(), age: z.number().min(1) });
    const bad = shape.safeParse({ name: 1, age: 0 });
    return [
      shape.parse({ name: "a", age: 2 }),
      bad.error.issues.map(({ path, code }) => [path, code]),
    ];
  },
  dotenv() {
    const { error, parsed } = dotenv.config({ quiet: true });
    return [
      error?.code ?? null,
      error?.message ?? null,
      parsed ?? null,
      dotenv.parse("A=1\nB='x y'"),
    ];
  },
  debug() {
    const log = debug("app");
    log("hello from debug");
    return [log.enabled];
  },
  pino() {
    const log = pino({ base: null });
    log.info({ a: 1 }, "hello from pino");
    return [log.level, typeof log.child({ b: 2 }).warn];
  },
  async winston() {
    const logger = winston.createLogger({
      level: "info",
      format: winston.format.json(),
      transports: [
        new winston.transports.Console(),
        new winston.transports.File({ filename: "/tmp/w.log" }),
      ],
    });
    const finished = new Promise((resolve) => logger.on("finish", resolve));
    logger.info("hello from winston", { a: 1 });
    logger.debug("not logged");
    logger.end();
    await finished;
    await scheduler.wait(50);
    return fs.readFileSync("/tmp/w.log", "utf8");
  },
  async stripe(origin) {
    const { hostname, port } = new URL(origin);
    const stripe = new Stripe("sk_test_x", {
      host: hostname,
      port,
      protocol: "http",
      maxNetworkRetries: 0,
      telemetry: false,
    });
    const { id, email } = await stripe.customers.create({ email: "me@example.com" });
    return [id, email];
  },
  async openai(origin) {
    const client = new OpenAI({ apiKey: "x", baseURL: `${origin}/v1`, maxRetries: 0 });
    const stream = await client.chat.completions.create({
      model: "m",
      messages: [{ role: "user", content: "hi" }],
      stream: true,
    });
    const parts = [];
    for await (const chunk of stream) parts.push(chunk.choices[0]?.delta?.content ?? "");
    return parts;
  },
  async s3(origin) {
    const client = new S3Client({
      region: "auto",
      endpoint: origin,
      forcePathStyle: true,
      credentials: { accessKeyId: "a", secretAccessKey: "b" },
    });
    const where = { Bucket: "bucket", Key: "key.txt" };
    const put = await client.send(new PutObjectCommand({ ...where, Body: "contents" }));
    const got = await client.send(new GetObjectCommand(where));
    return [put.$metadata.httpStatusCode, put.ETag, await got.Body.transformToString()];
  },
  "google-auth-library"() {
    return [
      typeof new GoogleAuth().getClient,
      typeof new OAuth2Client("id").generateAuthUrl({ scope: "x" }),
    ];
  },
  async telegraf(origin) {
    const { telegram } = new Telegraf("token", { telegram: { apiRoot: origin } });
    return [await telegram.getMe(), await told(() => telegram.sendMessage(1, "hi"))];
  },
  async fastify() {
    const app = Fastify();
    app.get("/", async () => ({ hello: "world" }));
    const answer = await app.inject("/");
    return [answer.statusCode, answer.body];
  },
  mongodb() {
    const client = new MongoClient("mongodb://127.0.0.1:9", { serverSelectionTimeoutMS: 300 });
    return told(() => client.connect()).finally(() => client.close());
  },
  ws() {
    return [typeof ws, typeof WebSocketServer, told(() => new ws("ws://a/")) && null];
  },
};

export default {
  async fetch(request) {
    const origin = new URL(request.url).searchParams.get("origin");
    const answers = {};
    for (const [name, run] of Object.entries(packages))
      answers[name] = await told(() => run(origin));
    return Response.json(answers);
  },
};
