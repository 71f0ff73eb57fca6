import { expect, test } from "vitest";
import { defaultPayloadConverter } from "../payload/default-converter.ts";
import { gcsClient, type GcsStorageDriverClient } from "./gcs-client.ts";
import { GcsStorageDriver } from "./gcs-driver.ts";
import { gcsObjectName } from "./gcs-object-name.ts";
import { startGcsServer, TOKEN, type GcsServer } from "./gcs-server.test-support.ts";

const payloads = ["a", { b: "x".repeat(100_000) }].map((value) => defaultPayloadConverter.toPayload(value));
const target = { kind: "workflow", namespace: "default", id: "order 7", type: "Order" } as const;

function driverOf(
  { endpoint }: GcsServer,
  options: { readonly bucket?: string; readonly maxPayloadSize?: number } = {},
) {
  const client = gcsClient({ endpoint, accessToken: async () => TOKEN });
  return new GcsStorageDriver({ client, bucket: "payloads", ...options });
}

test("payloads are kept in Google Cloud Storage under names that say whom they are for", async () => {
  const server = await startGcsServer();
  const driver = driverOf(server);
  const claims = await driver.store({ target }, payloads);
  const [{ claimData } = { claimData: {} }] = claims;
  const { object = "", hashValue = "" } = claimData as Record<string, string>;
  expect(object).toBe(`v0/ns/default/wt/Order/wi/order 7/ri/null/d/sha256/${hashValue}`);
  expect(hashValue).toMatch(/^[0-9a-f]{64}$/);
  const forGo = { key: object, hash_algorithm: "sha256", hash_value: hashValue };
  expect(claimData).toEqual({ bucket: "payloads", object, hashAlgorithm: "sha256", hashValue, ...forGo });
  expect(await driver.store({ target }, payloads)).toEqual(claims);
  expect(await driver.retrieve({}, claims)).toEqual(payloads);
  expect(server.objects.size).toBe(2);
  expect([driver.name, driver.type]).toEqual(["gcp.gcsdriver", "gcp.gcsdriver"]);
});

test("claims of the TypeScript SDK's driver and of the Go SDK's are read", async () => {
  const driver = driverOf(await startGcsServer());
  const [claim] = await driver.store({ target }, payloads);
  const { bucket = "", object = "", hashValue = "" } = claim?.claimData ?? {};
  const ofTypeScript = { bucket, object, hashAlgorithm: "sha256", hashValue };
  const ofGo = { bucket, key: object, hash_algorithm: "sha256", hash_value: hashValue };
  const claims = [{ claimData: ofTypeScript }, { claimData: ofGo }];
  expect(await driver.retrieve({}, claims)).toEqual([payloads[0], payloads[0]]);
  const ofNobody = { claimData: { bucket, hashAlgorithm: "sha256" } };
  await expect(driver.retrieve({}, [ofNobody])).rejects.toThrow("its claim is missing object, hash_value");
  await expect(driver.retrieve({}, [{ claimData: { ...ofTypeScript, hashAlgorithm: "md5" } }])).rejects.toThrow(
    `found hash algorithm "md5", expected sha256`,
  );
});

test("objects are named as the reference SDKs name them, whatever is in the names", async () => {
  const odd = {
    kind: "workflow",
    namespace: "payments prod",
    type: "Capture/Charge!*'()",
    id: "order+123=abc",
  } as const;
  const name = "v0/ns/payments prod/wt/Capture%2FCharge!%2A'()/wi/order+123=abc/ri/r~1/d/sha256/00";
  expect(gcsObjectName({ ...odd, runId: "r~1" }, "00")).toBe(name);
  const dots = { kind: "activity", namespace: ".", type: "..", id: "...", runId: "" } as const;
  expect(gcsObjectName(dots, "00")).toBe("v0/ns/%2E/at/%2E%2E/ai/.../ri/null/d/sha256/00");
  const signs = { kind: "workflow", namespace: "", type: "\r\n\u0085", id: '#[]*?:"<>|%ä😀\uD800' } as const;
  expect(gcsObjectName(signs, "00")).toBe(
    "v0/ns/null/wt/%0D%0A%C2%85/wi/%23%5B%5D%2A%3F%3A%22%3C%3E%7C%25ä😀\uFFFD/ri/null/d/sha256/00",
  );
  expect(gcsObjectName(undefined, "00")).toBe("v0/d/sha256/00");
  expect(gcsObjectName({ ...odd, id: "ä".repeat(500) }, "00")).toBe("v0/ns/payments prod/d/sha256/00");
  expect(gcsObjectName({ ...odd, namespace: "ä".repeat(600) }, "00")).toBe("v0/d/sha256/00");
  const driver = driverOf(await startGcsServer());
  for (const named of [odd, dots, signs, { ...odd, id: "ä".repeat(500) }]) {
    const claims = await driver.store({ target: named }, payloads);
    expect(await driver.retrieve({}, claims)).toEqual(payloads);
  }
});

test("the service's errors say which bucket and object, and large payloads are refused", async () => {
  const server = await startGcsServer();
  const driver = driverOf(server, { bucket: "missing", maxPayloadSize: 1_000 });
  await expect(driver.store({ target: undefined }, [payloads[0] as never])).rejects.toMatchObject({
    code: "TEMPORAL_EXTERNAL_STORAGE",
    message: expect.stringMatching(
      /^GCS storage driver 'gcp.gcsdriver': store failed \[bucket=missing, object=v0\/d\/sha256\/[0-9a-f]+, endpoint=127/,
    ) as string,
    cause: { message: "Google Cloud Storage answered 404: The specified bucket does not exist." },
  });
  await expect(driver.store({ target }, [payloads[1] as never])).rejects.toThrow(`"maxPayloadSize"`);
  const elsewhere = { bucket: "missing", object: "v0/none", hashAlgorithm: "sha256", hashValue: "00" };
  await expect(driver.retrieve({}, [{ claimData: elsewhere }])).rejects.toThrow("retrieve failed [bucket=missing");
  expect(() => driverOf(server, { maxPayloadSize: 0 })).toThrow("more than 0");
});

test("an object of Google's that is gone cannot come back by trying again", async () => {
  const driver = driverOf(await startGcsServer());
  const missing = { bucket: "payloads", object: "v0/none", hashAlgorithm: "sha256", hashValue: "00" };
  await expect(driver.retrieve({}, [{ claimData: missing }])).rejects.toMatchObject({
    type: "PayloadNotFoundError",
    nonRetryable: true,
  });
});

test("an object of Google's that was replaced is found out, and a larger one is not read to its end", async () => {
  const server = await startGcsServer();
  const driver = driverOf(server);
  const [claim] = await driver.store({ target }, payloads);
  const { object = "" } = claim?.claimData ?? {};
  server.objects.set(object, new Uint8Array(1_000_000));
  await expect(driver.retrieve({}, [claim as never])).rejects.toThrow("integrity check failed");
  const sized = { claimData: claim?.claimData ?? {}, sizeBytes: 20 };
  await expect(driver.retrieve({}, [sized])).rejects.toMatchObject({
    cause: { message: "the object has more than the 20 bytes that were stored" },
  });
});

test("the first error of a batch ends what else is under way, and is the one that is told", async () => {
  const ended: string[] = [];
  const client: GcsStorageDriverClient = {
    save: (bucket, _object, _data, { abortSignal } = {}) =>
      new Promise((_resolve, reject) => {
        if (bucket === "full") setImmediate(reject, new Error("no room"));
        abortSignal?.addEventListener("abort", () => {
          ended.push(bucket);
          reject(new Error("ended"));
        });
      }),
    download: () => Promise.resolve(undefined),
    describe: () => {
      throw new Error("cannot say");
    },
  };
  const bucket = (_context: unknown, { data }: { readonly data: Uint8Array }): string =>
    data.length > 10 ? "full" : "slow";
  const driver = new GcsStorageDriver({ client, bucket });
  const error: unknown = await driver.store({ target }, payloads).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ cause: { message: "no room" } });
  expect(ended).toContain("slow");
});

test("a payload that is in a batch twice is sent once", async () => {
  const server = await startGcsServer();
  const [claim, same] = await driverOf(server).store({ target }, [payloads[0] as never, payloads[0] as never]);
  expect(same).toEqual(claim);
  expect(server.answered).toEqual(["POST 200"]);
});
