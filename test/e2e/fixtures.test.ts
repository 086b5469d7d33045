import { describe, expect, test } from "vitest";
import { runDev } from "../helpers/run-dev.ts";
import { fixtureCases } from "./fixture-cases.ts";
import { printed } from "./registry-home.ts";

describe.each(fixtureCases)(
  "fixtures/$name (seed $seed)",
  ({ name, configs, requests, output }) => {
    test("starts through the real binary and answers over HTTP", async () => {
      await using dev = await runDev(configs.map((config) => `fixtures/${name}/${config}`));
      for (const request of requests) {
        const response = await dev.fetch(request.path, { headers: request.headers ?? {} });
        const text = await response.text();
        expect(`${response.status} ${text}`).toMatch(new RegExp(`^${request.status ?? 200} `));
        if (request.json !== undefined) expect(JSON.parse(text)).toEqual(request.json);
        if (typeof request.body === "string") expect(text).toBe(request.body);
        if (request.body instanceof RegExp) expect(text).toMatch(request.body);
      }
      for (const pattern of output ?? []) await printed(dev, pattern);
      expect(await dev.stop()).toEqual({ code: 0, signal: null });
    });
  },
);
