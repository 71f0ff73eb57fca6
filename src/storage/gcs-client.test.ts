import { inspect } from "node:util";
import { expect, test } from "vitest";
import { crc32c } from "./crc32c.ts";
import { gcsClient, type GcsClientOptions } from "./gcs-client.ts";
import { startGcsServer, TOKEN, type GcsServer } from "./gcs-server.test-support.ts";

const data = Buffer.from("some bytes\r\n--and a line of dashes--\r\n\u0000\u00FF", "latin1");

function clientOf({ endpoint }: GcsServer, options: GcsClientOptions = {}) {
  return gcsClient({ endpoint, accessToken: async () => TOKEN, ...options });
}

test("an object is kept as it is, and one that is there already is left alone", async () => {
  const server = await startGcsServer();
  const client = clientOf(server);
  await client.save("payloads", "v0/a b/%2F#?&=+ä", data);
  await client.save("payloads", "v0/a b/%2F#?&=+ä", Buffer.from("other"));
  expect(server.answered).toEqual(["POST 200", "POST 412"]);
  expect([...server.objects]).toEqual([["v0/a b/%2F#?&=+ä", data]]);
  expect(await client.download("payloads", "v0/a b/%2F#?&=+ä")).toEqual(data);
  await client.save("payloads", "v0/empty", new Uint8Array());
  expect(await client.download("payloads", "v0/empty")).toHaveLength(0);
});

test("sums of bytes are those that the service computes", () => {
  expect(crc32c(Buffer.from("123456789"))).toBe(Buffer.from("e3069283", "hex").toString("base64"));
  expect(crc32c(new Uint8Array())).toBe("AAAAAA==");
  for (let length = 1; length < 40; length += 1) {
    const bytes = Uint8Array.from({ length: length + 3 }, (_, index) => index * length * 37).subarray(length % 4);
    let sum = -1;
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const isOdd = ((sum ^ ((bytes[bit >> 3] ?? 0) >> (bit & 7))) & 1) === 1;
      sum = (sum >>> 1) ^ (isOdd ? 0x82f63b78 : 0);
    }
    const hex = (~sum >>> 0).toString(16).padStart(8, "0");
    expect(crc32c(bytes), `length ${length}`).toBe(Buffer.from(hex, "hex").toString("base64"));
  }
});

test("what may go well the next time is tried again, also where the answer breaks off", async () => {
  const server = await startGcsServer();
  const client = clientOf(server);
  for (const status of [429, 500, 503, 408])
    server.trouble.push((response) => {
      response.statusCode = status;
      response.end("later");
    });
  await client.save("payloads", "v0/x", data);
  expect(server.answered).toEqual(["POST 429", "POST 500", "POST 503", "POST 408", "POST 200"]);
  server.trouble.push(
    (response) => response.destroy(),
    (response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write("half", () => response.destroy());
    },
  );
  expect(await client.download("payloads", "v0/x")).toEqual(data);
});

test("a service that does not recover is told of after some tries, one that refuses at once", async () => {
  const server = await startGcsServer();
  for (let count = 0; count < 10; count += 1)
    server.trouble.push((response) => {
      response.statusCode = 503;
      response.end(JSON.stringify({ error: { message: `no. ${count}` } }));
    });
  await expect(clientOf(server).download("payloads", "v0/x")).rejects.toThrow(
    "Google Cloud Storage answered 503: no. 4",
  );
  expect(server.answered).toHaveLength(5);
  server.trouble.length = 0;
  const stranger = clientOf(server, { accessToken: async () => "another" });
  await expect(stranger.save("payloads", "v0/x", data)).rejects.toThrow("answered 401: Invalid Credentials");
  expect(server.answered).toHaveLength(6);
});

test("a call of Google Cloud Storage that takes too long is given up, wherever it hangs", async () => {
  const server = await startGcsServer();
  const client = clientOf(server, { callTimeout: 50 });
  server.trouble.push(
    () => undefined,
    (response) => {
      response.writeHead(200);
      response.write("half");
    },
  );
  for (const call of [() => client.save("payloads", "v0/x", data), () => client.download("payloads", "v0/x")]) {
    const error: unknown = await call().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: "TimeoutError" });
    expect(inspect(error, { depth: 10 })).not.toContain(TOKEN);
  }
  const tokenless = clientOf(server, { callTimeout: 50, accessToken: () => new Promise(() => undefined) });
  await expect(tokenless.download("payloads", "v0/x")).rejects.toMatchObject({ name: "TimeoutError" });
});

test("a call ends when its signal is aborted, between tries too, and none begins after that", async () => {
  const server = await startGcsServer();
  const client = clientOf(server);
  const controller = new AbortController();
  const options = { abortSignal: controller.signal };
  server.trouble.push((response) => {
    response.statusCode = 503;
    response.end(() => controller.abort(new Error("not wanted any more")));
  });
  await expect(client.save("payloads", "v0/x", data, options)).rejects.toThrow("not wanted any more");
  await expect(client.download("payloads", "v0/x", options)).rejects.toThrow("not wanted any more");
  expect(server.answered).toEqual(["POST 503"]);
});

test("tokens that are none are told of without being told", async () => {
  const server = await startGcsServer();
  for (const token of ["two\nlines", "", null, undefined]) {
    const client = clientOf(server, { accessToken: async () => token });
    const error: unknown = await client.download("payloads", "v0/x").catch((reason: unknown) => reason);
    expect(String(error)).toContain(`"accessToken" answered`);
    expect(inspect(error, { depth: 10 })).not.toContain("lines");
  }
  expect(server.answered).toEqual([]);
});

test("names that would lead to another method, and addresses that are none, are refused", async () => {
  const server = await startGcsServer();
  for (const name of ["", ".", ".."]) {
    await expect(clientOf(server).download(name, "v0/x")).rejects.toThrow("expected the name of a bucket");
    await expect(clientOf(server).download("payloads", name)).rejects.toThrow("name of an object");
  }
  expect(server.answered).toEqual([]);
  for (const endpoint of ["", "storage.googleapis.com", "file:///x"])
    expect(() => gcsClient({ endpoint })).toThrow(`"endpoint" is no address`);
});

test("a token does not follow an answer that points elsewhere, and no more of a refusal is read than is told", async () => {
  const server = await startGcsServer();
  const elsewhere = await startGcsServer();
  for (let count = 0; count < 5; count += 1)
    server.trouble.push((response) => {
      response.writeHead(307, { location: `${elsewhere.endpoint}/storage/v1/b/payloads/o/x?alt=media` });
      response.end();
    });
  await expect(clientOf(server).download("payloads", "v0/x")).rejects.toThrow("fetch failed");
  expect(elsewhere.answered).toEqual([]);
  server.trouble.length = 0;
  server.trouble.push((response) => {
    response.statusCode = 403;
    response.end("x".repeat(5_000_000));
  });
  const error: unknown = await clientOf(server)
    .download("payloads", "v0/x")
    .catch((reason: unknown) => reason);
  expect(String(error).length).toBeLessThan(500);
});
