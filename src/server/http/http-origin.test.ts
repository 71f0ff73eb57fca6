import { expect, onTestFinished, test } from "vitest";
import { startTestServer } from "../calls.test-support.ts";
import type { ServerOptions } from "../index.ts";
import { ask, type Answer } from "./http-ask.test-support.ts";
import { refuseStranger } from "./http-origin.ts";

const PAGE = "https://app.example";

type Visit = (verb: string, headers: Readonly<Record<string, string>>) => Promise<Answer>;

async function serve(options: ServerOptions): Promise<Visit> {
  const { server } = await startTestServer(options);
  onTestFinished(() => server.stop());
  const port = server.httpAddress?.port ?? 0;
  return (verb, headers) => ask(port, verb, "/api/v1/namespaces/default", { headers });
}

test("a browser's page may call only if its origin is allowed", async () => {
  const closed = await serve({ listenHttp: {} });
  const refused = await closed("GET", { origin: PAGE });
  expect([refused.status, refused.json]).toEqual([403, { code: 7, message: "Origin not allowed" }]);
  expect(refused.headers["access-control-allow-origin"]).toBeUndefined();
  const open = await serve({ listenHttp: { allowedOrigins: [PAGE] } });
  const admitted = await open("GET", { origin: PAGE });
  expect([admitted.status, admitted.headers["access-control-allow-origin"], admitted.headers.vary]).toEqual([
    200,
    PAGE,
    "origin",
  ]);
  for (const origin of ["https://other.example", "null", `${PAGE}.evil.example`]) {
    const answer = await open("GET", { origin });
    expect([answer.status, answer.headers["access-control-allow-origin"]]).toEqual([403, undefined]);
  }
  const all = await serve({ listenHttp: { allowedOrigins: ["*"] } });
  expect((await all("GET", { origin: PAGE })).headers["access-control-allow-origin"]).toBe(PAGE);
});

test("a browser that asks first is told what it may send, without a key and only for allowed origins", async () => {
  const visit = await serve({ listen: { apiKeys: ["k"] }, listenHttp: { allowedOrigins: [PAGE] } });
  const asking = {
    origin: PAGE,
    "access-control-request-method": "POST",
    "access-control-request-headers":
      "Authorization, Content-Type,grpc-timeout, grpc-metadata-temporal-namespace, cookie",
    "access-control-request-private-network": "true",
  };
  const told = await visit("OPTIONS", asking);
  expect([told.status, told.text]).toEqual([204, ""]);
  expect(told.headers).toMatchObject({
    "access-control-allow-origin": PAGE,
    "access-control-allow-methods": "GET, POST, DELETE",
    "access-control-allow-headers": "authorization, content-type, grpc-timeout, grpc-metadata-temporal-namespace",
    "access-control-allow-private-network": "true",
    "access-control-max-age": "600",
  });
  expect((await visit("OPTIONS", { ...asking, origin: "https://other.example" })).status).toBe(403);
  const refused = await visit("GET", { origin: PAGE });
  expect([refused.status, refused.headers["access-control-allow-origin"]]).toEqual([401, PAGE]);
});

test("a name that was made to point to this machine is no way in", async () => {
  const visit = await serve({ listenHttp: {} });
  expect((await visit("GET", { host: "evil.example:7243" })).json).toEqual({ code: 7, message: "Host not allowed" });
  for (const host of ["localhost:7243", "127.0.0.1", "[::1]:80", "app.localhost"])
    expect((await visit("GET", { host })).status).toBe(200);
  const named = await serve({ listenHttp: {}, dynamicConfig: { "frontend.httpAllowedHosts": '["api.*","b"]' } });
  for (const [host, status] of [
    ["API.example:1", 200],
    ["b", 200],
    ["localhost", 403],
    ["xapi.example", 403],
  ] as const)
    expect([host, (await named("GET", { host })).status]).toEqual([host, status]);
});

test("where others can reach the server, its names are known to them only", () => {
  const headers = { host: "perdure.internal:7243" };
  expect(refuseStranger({ headers, allowedOrigins: [], isLocal: false, httpAllowedHosts: undefined })).toBeUndefined();
  const patterns = { headers, allowedOrigins: [], isLocal: false };
  expect(refuseStranger({ ...patterns, httpAllowedHosts: ["*internal:*3"] })).toBeUndefined();
  expect(refuseStranger({ ...patterns, httpAllowedHosts: ["perdure*dure*"] })?.status).toBe(403);
});

test("what a page may not ask of the HTTP API it may not ask of Nexus either, which services call by any name", async () => {
  const { server } = await startTestServer({ listenHttp: {} });
  onTestFinished(() => server.stop());
  const post = (headers: Readonly<Record<string, string>>): Promise<Answer> =>
    ask(server.httpAddress?.port ?? 0, "POST", "/nexus/callback", { headers });
  expect((await post({ origin: PAGE })).status).toBe(403);
  const named = await post({ host: "perdure.internal:7243" });
  expect([named.status, named.json]).toMatchObject([400, { message: "invalid callback token" }]);
});
