import { expect, test } from "vitest";
import { OperatorService, type CreateNexusEndpointRequest } from "../../proto/gen/operatorservice.ts";
import type { Init } from "../../proto/message.ts";
import { startTestServer } from "../calls.test-support.ts";
import { MemoryStore } from "../store/memory-store.ts";

const { methods } = OperatorService;

function worker(name: string, taskQueue = "handlers", namespace = "default"): Init<CreateNexusEndpointRequest> {
  return { spec: { name, target: { variant: { case: "worker", value: { namespace, taskQueue } } } } };
}

function external(url: string): Init<CreateNexusEndpointRequest> {
  return { spec: { name: "outside", target: { variant: { case: "external", value: { url } } } } };
}

test("endpoints are made, changed by version, listed in pages, found again by the next server, and deleted", async () => {
  const store = new MemoryStore();
  const { call } = await startTestServer({ store });
  const { endpoint } = await call(methods.CreateNexusEndpoint, worker("first"));
  const id = endpoint?.id ?? "";
  expect(endpoint).toMatchObject({
    version: 1,
    urlPrefix: `/nexus/endpoints/${id}/services`,
    ...worker("first"),
    lastModifiedTime: undefined,
  });
  await expect(call(methods.CreateNexusEndpoint, worker("first"))).rejects.toThrow(
    "error creating Nexus endpoint. Endpoint with name first already registered",
  );
  await expect(call(methods.UpdateNexusEndpoint, { id, version: 2, ...worker("first") })).rejects.toThrow(
    "nexus endpoint version mismatch. received: 2 expected 1",
  );
  const updated = await call(methods.UpdateNexusEndpoint, { id, version: 1, ...worker("renamed", "others") });
  expect(updated.endpoint).toMatchObject({ version: 2, ...worker("renamed", "others") });
  await call(methods.CreateNexusEndpoint, external("https://elsewhere/base"));
  const next = await startTestServer({ store: store.copy() });
  const page = await next.call(methods.ListNexusEndpoints, { pageSize: 1 });
  expect(page.endpoints).toMatchObject([{ id }]);
  const rest = await next.call(methods.ListNexusEndpoints, { pageSize: 1, nextPageToken: page.nextPageToken });
  expect(rest.endpoints).toMatchObject([external("https://elsewhere/base")]);
  expect(rest.nextPageToken).toHaveLength(0);
  expect((await next.call(methods.ListNexusEndpoints, { name: "renamed" })).endpoints).toMatchObject([{ id }]);
  await next.call(methods.DeleteNexusEndpoint, { id, version: 2 });
  await expect(next.call(methods.GetNexusEndpoint, { id })).rejects.toThrow(
    `Nexus endpoint with ID \`${id}\` not found`,
  );
});

test.each<[string, Init<CreateNexusEndpointRequest>, string]>([
  ["nothing at all", {}, "endpoint name not set, empty target variant"],
  [
    "a name that is none",
    worker("1_"),
    String.raw`endpoint name must match the regex: "^[a-zA-Z][a-zA-Z0-9\\-]*[a-zA-Z0-9]$"`,
  ],
  ["no task queue", worker("some", ""), 'invalid target task queue: "missing task queue name"'],
  [
    "an unknown namespace",
    worker("some", "queue", "nowhere"),
    "could not verify namespace referenced by target exists: Namespace nowhere is not found.",
  ],
  ["an address that is none", external("ftp://x"), 'invalid target URL scheme: "ftp", expected http or https'],
  ["no address", external(""), "empty target URL"],
])("an endpoint with %s is refused", async (_what, request, message) => {
  const { call } = await startTestServer();
  await expect(call(methods.CreateNexusEndpoint, request)).rejects.toThrow(message);
});

test("ids and pages that cannot be are refused", async () => {
  const { call } = await startTestServer();
  await expect(call(methods.GetNexusEndpoint, {})).rejects.toThrow("endpoint ID not set");
  await expect(call(methods.DeleteNexusEndpoint, { id: "x" })).rejects.toThrow(
    'malformed endpoint ID: "invalid UUID length: 1", endpoint version is non-positive',
  );
  await expect(call(methods.ListNexusEndpoints, { pageSize: -1 })).rejects.toThrow("page_size is negative");
  await expect(call(methods.ListNexusEndpoints, { pageSize: 1001 })).rejects.toThrow("page_size exceeds limit of 1000");
});
