import { webcrypto } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { chainCodecs, DataConverter, defaultPayloadConverter, encodingOf, type Payload } from "perdure/converter";
import { gzipCodec } from "../../examples/codecs/compression.ts";
import { encryptionCodec, importKey } from "../../examples/codecs/encryption.ts";

const newKey = (): Promise<webcrypto.CryptoKey> => importKey(webcrypto.getRandomValues(new Uint8Array(32)));

test("whatever is compressed and encrypted comes back", { timeout: 60_000 }, async () => {
  const codec = chainCodecs(gzipCodec, encryptionCodec({ current: "k", keys: { k: await newKey() } }));
  const converter = new DataConverter({ codec });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(fc.jsonValue(), fc.uint8Array()), { maxLength: 5 }), async (values) => {
      const payloads = await converter.encode(values);
      expect(payloads.every((payload) => encodingOf(payload) === "binary/encrypted")).toBe(true);
      expect(await converter.decode(payloads)).toEqual(
        defaultPayloadConverter.fromPayloads(defaultPayloadConverter.toPayloads(values)),
      );
    }),
    { numRuns: 50 },
  );
});

test("a new key encrypts from now on, and the old one still reads what it wrote", async () => {
  const keys = { old: await newKey(), recent: await newKey() };
  const old = new DataConverter({ codec: encryptionCodec({ current: "old", keys }) });
  const recent = new DataConverter({ codec: encryptionCodec({ current: "recent", keys }) });
  const payloads = [...(await old.encode(["a"])), ...(await recent.encode(["b"]))];
  expect(await recent.decode([...payloads, defaultPayloadConverter.toPayload("clear")])).toEqual(["a", "b", "clear"]);
  const without = new DataConverter({ codec: encryptionCodec({ current: "recent", keys: { recent: keys.recent } }) });
  await expect(without.decode(payloads)).rejects.toThrow(`no key "old" in the key ring`);
});

test("what was changed on its way is not taken for what was sent", async () => {
  const converter = new DataConverter({ codec: encryptionCodec({ current: "k", keys: { k: await newKey() } }) });
  const [payload] = (await converter.encode(["a"])) as [Payload];
  const changed = { ...payload, data: payload.data.map((byte, index) => (index === 20 ? byte ^ 1 : byte)) };
  await expect(converter.decode([changed])).rejects.toThrow(/operation|decrypt|cipher/i);
});

test("only what shrinks is compressed", async () => {
  const converter = new DataConverter({ codec: gzipCodec });
  const payloads = await converter.encode(["a", "a".repeat(1000)]);
  expect(payloads.map(encodingOf)).toEqual(["json/plain", "binary/gzip"]);
  expect(await converter.decode(payloads)).toEqual(["a", "a".repeat(1000)]);
});
