import fc from "fast-check";
import { expect, test } from "vitest";
import { TemporalError } from "../core/errors.ts";
import { InMemoryStorageDriver } from "../storage/memory-driver.ts";
import { Payload } from "../proto/gen/common.ts";
import { DataConverter } from "./data-converter.ts";
import { defaultPayloadConverter } from "./default-converter.ts";
import { ExternalStorage } from "./external-storage.ts";
import { encodingOf } from "./payload-converter.ts";
import type { StorageDriver, StorageDriverStoreContext } from "./storage-driver.ts";
import { decodeUtf8, encodeUtf8 } from "./utf8.ts";

const large = "x".repeat(300 * 1024);

test("a payload of 256 KiB or more goes to the driver, and a reference in its place", async () => {
  const driver = new InMemoryStorageDriver("mem");
  const converter = new DataConverter({ externalStorage: new ExternalStorage({ drivers: [driver] }) });
  const [stored, inline] = await converter.encode([large, "small"]);
  expect(driver.size).toBe(1);
  expect(encodingOf(inline as Payload)).toBe("json/plain");
  expect(decodeUtf8(stored?.metadata["messageType"] as Uint8Array)).toBe(
    "temporal.api.sdk.v1.ExternalStorageReference",
  );
  const bytes = Payload.encode(defaultPayloadConverter.toPayload(large)).length;
  expect(stored?.externalPayloads).toEqual([{ sizeBytes: bytes }]);
  expect(JSON.parse(decodeUtf8(stored?.data as Uint8Array))).toEqual({
    driverName: "mem",
    claimData: { key: expect.any(String) as string },
  });
  expect(await converter.decode([stored as Payload, inline as Payload])).toEqual([large, "small"]);
});

test("the codec works before the storage, which never sees what it hides", async () => {
  const seen: string[] = [];
  const memory = new InMemoryStorageDriver();
  const driver: StorageDriver = {
    name: "spy",
    store(context, payloads) {
      seen.push(...payloads.map(encodingOf));
      return memory.store(context, payloads);
    },
    retrieve: (context, claims) => memory.retrieve(context, claims),
  };
  const codec = {
    encode: async (payloads: readonly Payload[]) =>
      payloads.map((payload) => ({
        metadata: { encoding: encodeUtf8("binary/hidden") },
        data: Payload.encode(payload),
        externalPayloads: [],
      })),
    decode: async (payloads: readonly Payload[]) => payloads.map(({ data }) => Payload.decode(data)),
  };
  const externalStorage = new ExternalStorage({ drivers: [driver], payloadSizeThreshold: 0 });
  const converter = new DataConverter({ codec, externalStorage });
  expect(await converter.decode(await converter.encode(["a", 1]))).toEqual(["a", 1]);
  expect(seen).toEqual(["binary/hidden", "binary/hidden"]);
});

test("a selector sends each payload to a driver or leaves it inline, knowing whom it is for", async () => {
  const drivers = [new InMemoryStorageDriver("hot"), new InMemoryStorageDriver("cold")] as const;
  const contexts: StorageDriverStoreContext[] = [];
  const externalStorage = new ExternalStorage({
    drivers,
    payloadSizeThreshold: 0,
    driverSelector(context, { data }) {
      contexts.push(context);
      return data.length < 4 ? undefined : data.length < 100 ? drivers[0] : drivers[1];
    },
  });
  const target = { kind: "workflow", namespace: "default", id: "w" } as const;
  const converter = new DataConverter({ externalStorage }).forTarget(target);
  const values = ["", "hello", "y".repeat(200), "world"];
  expect(await converter.decode(await converter.encode(values))).toEqual(values);
  expect(drivers.map(({ size }) => size)).toEqual([2, 1]);
  expect(contexts).toEqual(Array.from({ length: 4 }, () => ({ target })));
});

test("references of older SDKs are read as well", async () => {
  const driver = new InMemoryStorageDriver("mem");
  const [claim] = await driver.store({ target: undefined }, [defaultPayloadConverter.toPayload("old")]);
  const legacy: Payload = {
    metadata: { encoding: encodeUtf8("json/external-storage-reference") },
    data: encodeUtf8(JSON.stringify({ driver_name: "mem", driver_claim: { claim_data: claim?.claimData } })),
    externalPayloads: [],
  };
  const converter = new DataConverter({ externalStorage: new ExternalStorage({ drivers: [driver] }) });
  expect(await converter.decode([legacy])).toEqual(["old"]);
  await expect(new DataConverter().decode([legacy])).rejects.toThrow("[TMPRL1105]");
  for (const wrong of [
    { driver_name: 5, driver_claim: { claim_data: {} } },
    { driver_name: "mem", driver_claim: { claim_data: "text" } },
    { driver_name: "mem", driver_claim: { claim_data: { key: { nested: 1 } } } },
  ]) {
    const data = encodeUtf8(JSON.stringify(wrong));
    await expect(converter.decode([{ ...legacy, data }])).rejects.toThrow("it is no valid reference");
  }
});

test("a driver is told how large the payload of a claim is, and what it answers must be claims and payloads", async () => {
  const payloads = [defaultPayloadConverter.toPayload("large enough")];
  const memory = new InMemoryStorageDriver("mem");
  const sizes: unknown[] = [];
  const watched: StorageDriver = {
    name: "mem",
    store: (context, given) => memory.store(context, given),
    retrieve: (context, claims) => {
      sizes.push(...claims.map(({ sizeBytes }) => sizeBytes));
      return memory.retrieve(context, claims);
    },
  };
  const storage = (driver: StorageDriver): ExternalStorage =>
    new ExternalStorage({ drivers: [driver], payloadSizeThreshold: 0 });
  const stored = await storage(watched).store(payloads, undefined);
  expect(await storage(watched).retrieve(stored)).toEqual(payloads);
  expect(sizes).toEqual([Payload.encode(payloads[0] as Payload).length]);
  for (const claim of [undefined, {}, { claimData: { key: 5 } }, { claimData: ["key"] }]) {
    const driver: StorageDriver = { ...watched, store: async () => [claim as never] };
    await expect(storage(driver).store(payloads, undefined)).rejects.toThrow('returned a claim without "claimData"');
  }
  for (const answer of [undefined, {}, { metadata: {}, data: "text" }]) {
    const driver: StorageDriver = { ...watched, retrieve: async () => [answer as never] };
    await expect(storage(driver).retrieve(stored)).rejects.toThrow("returned something that is no payload");
  }
});

test(
  "whatever stands in place of a reference is an error or a missing payload, never a crash",
  { timeout: 60_000 },
  async () => {
    const driver = new InMemoryStorageDriver("mem");
    const converter = new DataConverter({ externalStorage: new ExternalStorage({ drivers: [driver] }) });
    const type = encodeUtf8("temporal.api.sdk.v1.ExternalStorageReference");
    const metadata = fc.constantFrom<Record<string, Uint8Array>>(
      { encoding: encodeUtf8("json/external-storage-reference") },
      { encoding: encodeUtf8("json/protobuf"), messageType: type },
    );
    const json = fc.jsonValue();
    const near = fc.record({
      driver_name: fc.oneof(fc.constant("mem"), json),
      driver_claim: fc.oneof(fc.record({ claim_data: json }), json),
      driverName: fc.oneof(fc.constant("mem"), json),
      claimData: fc.oneof(fc.dictionary(fc.string(), fc.string()), json),
    });
    const data = fc.oneof(
      fc.uint8Array(),
      fc.oneof(json, near).map((value) => encodeUtf8(JSON.stringify(value))),
    );
    await fc.assert(
      fc.asyncProperty(metadata, data, async (given, bytes) => {
        const error: unknown = await converter
          .decode([{ metadata: given, data: bytes, externalPayloads: [] }])
          .catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(TemporalError);
      }),
    );
  },
);

test("a codec that loses payloads is heard of", async () => {
  const codec = { encode: async () => [], decode: async () => [] };
  const converter = new DataConverter({ codec });
  await expect(converter.encode([1])).rejects.toThrow("the codec answered 0 for 1");
  await expect(converter.decode([defaultPayloadConverter.toPayload(1)])).rejects.toThrow("Cannot decode payloads");
});

test("external storage that cannot work is refused when it is made", () => {
  const driver = new InMemoryStorageDriver();
  expect(() => new ExternalStorage({ drivers: [] })).toThrow(`"drivers" is empty`);
  expect(() => new ExternalStorage({ drivers: [driver], payloadSizeThreshold: -1 })).toThrow("expected 0 or more");
  expect(() => new ExternalStorage({ drivers: [driver, new InMemoryStorageDriver("b")] })).toThrow("driverSelector");
  const twins = [driver, new InMemoryStorageDriver()];
  expect(() => new ExternalStorage({ drivers: twins, driverSelector: () => driver })).toThrow("a different name");
});

test("a driver that breaks its contract, is not registered or unknown is an error", async () => {
  const memory = new InMemoryStorageDriver("mem");
  const lossy: StorageDriver = { name: "lossy", store: async () => [], retrieve: async () => [] };
  const storage = (driver: StorageDriver, selected = driver): ExternalStorage =>
    new ExternalStorage({ drivers: [driver], payloadSizeThreshold: 0, driverSelector: () => selected });
  const payloads = [defaultPayloadConverter.toPayload(1)];
  await expect(storage(lossy).store(payloads, undefined)).rejects.toThrow(
    "Driver 'lossy' returned 0 claims, expected 1",
  );
  await expect(storage(memory, lossy).store(payloads, undefined)).rejects.toThrow("is not registered");
  const stored = await storage(memory).store(payloads, undefined);
  await expect(storage(lossy).retrieve(stored)).rejects.toThrow("No driver found with name 'mem'");
  const renamed: StorageDriver = { ...lossy, name: "mem" };
  await expect(storage(renamed).retrieve(stored)).rejects.toThrow("returned 0 payloads, expected 1");
  memory.clear();
  await expect(storage(memory).retrieve(stored)).rejects.toMatchObject({
    type: "PayloadNotFoundError",
    nonRetryable: true,
  });
  expect(() => new DataConverter().payloadConverter.fromPayload(stored[0] as Payload)).toThrow("[TMPRL1105]");
});
