import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { VirtualClock } from "../core/time/virtual-clock.ts";
import { defaultPayloadConverter } from "../payload/default-converter.ts";
import type { PayloadCodec } from "../payload/payload-codec.ts";
import { encodeUtf8 } from "../payload/utf8.ts";
import { Payloads } from "../proto/gen/common.ts";
import { toJson } from "../proto/json.ts";
import { CodecHandler, type CodecHandlerOptions, type CodecResponse } from "./codec-handler.ts";
import { createCodecListener } from "./node-codec-handler.ts";

const reversing: PayloadCodec = {
  encode: async (payloads) => payloads.map((payload) => ({ ...payload, data: payload.data.toReversed() })),
  decode: async (payloads) => payloads.map((payload) => ({ ...payload, data: payload.data.toReversed() })),
};
const body = JSON.stringify(toJson(Payloads, { payloads: [defaultPayloadConverter.toPayload("abc")] }));

function ask(path: string, options: Partial<CodecHandlerOptions> = {}, headers: Record<string, string> = {}) {
  return new CodecHandler({ codec: reversing, ...options }).handle({
    method: "POST",
    path,
    headers,
    body: encodeUtf8(body),
  });
}

test("a codec server encodes and decodes over HTTP as the web UI and the CLI ask it to", async () => {
  const server = createServer(createCodecListener({ codec: reversing, origins: ["http://localhost:8233"] }));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const headers = { "content-type": "application/json", "x-namespace": "default", origin: "http://localhost:8233" };
    const encoded = await fetch(`${url}/encode`, { method: "POST", body, headers });
    const text = await encoded.text();
    expect(JSON.parse(text)).toEqual({
      payloads: [{ metadata: { encoding: "anNvbi9wbGFpbg==" }, data: Buffer.from('"cba"').toString("base64") }],
    });
    expect(encoded.headers.get("access-control-allow-origin")).toBe("http://localhost:8233");
    const decoded = await fetch(`${url}/decode`, { method: "POST", body: text, headers });
    expect(await decoded.json()).toEqual(JSON.parse(body));
    const preflight = await fetch(`${url}/decode`, { method: "OPTIONS", headers });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-headers")).toContain("X-Namespace");
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});

test("a codec server lets no other origin read its answers", async () => {
  const { headers } = await ask("/decode", { origins: ["https://ui.example"] }, { origin: "https://evil.example" });
  expect(headers).not.toHaveProperty("access-control-allow-origin");
});

test("a codec server asks who may decode, and may choose a codec by namespace", async () => {
  const codec = ({ namespace }: { readonly namespace: string }): PayloadCodec => {
    if (namespace !== "payments") throw new Error("unknown");
    return reversing;
  };
  const authorize = (caller: { readonly authorization: string | undefined }): boolean =>
    caller.authorization === "Bearer yes";
  expect((await ask("/decode", { codec, authorize })).status).toBe(401);
  const right = { authorization: "Bearer yes", "x-namespace": "payments" };
  expect((await ask("/sub/decode?x=1", { codec, authorize }, right)).status).toBe(200);
});

test("a codec server answers bad requests with their reason and nothing of the payloads", async () => {
  const failing: PayloadCodec = {
    encode: () => Promise.reject(new Error("secret")),
    decode: () => Promise.reject(new Error("secret")),
  };
  const answers = [
    await ask("/encode", { codec: failing }),
    await ask("/other"),
    await ask("/encode", { bodyBytesMax: 3 }),
    await new CodecHandler({ codec: reversing }).handle({
      method: "POST",
      path: "/encode",
      headers: {},
      body: encodeUtf8("{"),
    }),
    await new CodecHandler({ codec: reversing }).handle({
      method: "GET",
      path: "/encode",
      headers: {},
      body: encodeUtf8(""),
    }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([400, 404, 413, 400, 405]);
  expect(JSON.stringify(answers)).not.toContain("secret");
});

async function withServer(options: Partial<CodecHandlerOptions>, use: (url: string) => Promise<void>): Promise<void> {
  const server = createServer(createCodecListener({ codec: reversing, ...options }));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

test("a codec server reads nothing of those who may not ask, and no more than it takes of others", async () => {
  const endless = (): ReadableStream =>
    new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536)) });
  const post = (url: string): Promise<Response> =>
    fetch(`${url}/decode`, { method: "POST", body: endless(), duplex: "half" });
  await withServer({ authorize: () => false }, async (url) => {
    expect((await post(url)).status).toBe(401);
  });
  await withServer({ bodyBytesMax: 100_000 }, async (url) => {
    const { status, headers } = await post(url);
    expect([status, headers.get("connection")]).toEqual([413, "close"]);
    const told = await fetch(`${url}/decode`, { method: "POST", body: new Uint8Array(200_000) });
    expect(told.status).toBe(413);
  });
});

test("what a codec server answers is for nobody's cache, and origins are compared as a whole", async () => {
  const { headers } = await ask("/decode");
  expect(headers).toMatchObject({ "cache-control": "no-store", "x-content-type-options": "nosniff" });
  const origins = "https://ui.example.com" as never;
  const part = await ask("/decode", { origins }, { origin: "https://ui.example" });
  expect(part.headers).not.toHaveProperty("access-control-allow-origin");
  const whole = await ask("/decode", { origins }, { origin: "https://ui.example.com" });
  expect(whole.headers["access-control-allow-origin"]).toBe("https://ui.example.com");
});

test("a codec that hangs, or whoever decides who may ask, is waited for only so long", async () => {
  const clock = new VirtualClock();
  const reasons: Error[] = [];
  const hanging: PayloadCodec = {
    encode: () => new Promise(() => undefined),
    // It fails when nobody waits any more.
    decode: () =>
      new Promise((_resolve, reject) => {
        const reason = new Error("secret");
        clock.schedule(120_000, () => {
          reasons.push(reason);
          reject(reason);
        });
      }),
  };
  const late = { status: 504, headers: { "cache-control": "no-store" } };
  const whoDecides = { authorize: () => new Promise<boolean>(() => undefined) };
  for (const [direction, options, who, timeoutMs] of [
    ["encode", { codec: hanging }, "The codec", 30_000],
    ["decode", { codec: hanging, codecTimeout: "1m" }, "The codec", 60_000],
    ["encode", whoDecides, "Whoever decides who may ask", 30_000],
  ] as const) {
    let answer: CodecResponse | undefined;
    const asked = ask(`/${direction}`, { clock, ...options }).then((response) => (answer = response));
    while (clock.nextMs === undefined) await Promise.resolve();
    clock.advanceBy(timeoutMs - 1);
    await new Promise(setImmediate);
    expect(answer).toBeUndefined();
    clock.advanceBy(1);
    await asked;
    expect(answer).toMatchObject({ ...late, body: `{"message":"${who} took longer than ${timeoutMs} ms"}` });
  }
  while (clock.advanceToNext());
  await new Promise(setImmediate);
  expect(reasons).toHaveLength(1);
  expect((await ask("/encode", { clock })).status).toBe(200);
  expect(clock.nextMs).toBeUndefined();
  expect(() => new CodecHandler({ codec: hanging, codecTimeout: "soon" })).toThrow("Cannot read duration");
});
