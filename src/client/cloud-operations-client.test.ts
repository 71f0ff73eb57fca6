import { expect, test } from "vitest";
import { GetNamespacesResponse } from "../proto/gen/cloud/cloudservice.ts";
import type { UnaryCall } from "../rpc/transport.ts";
import { CloudOperationsClient } from "./cloud-operations-client.ts";
import { registerScheme } from "./transport-scheme.ts";

test("cloud operations are called with key and version, over TLS", async () => {
  const calls: UnaryCall[] = [];
  registerScheme("test-cloud", (_address, { tls }) =>
    Promise.resolve({
      call: (call) => {
        calls.push(call);
        expect(tls).toBe(true);
        return Promise.resolve(GetNamespacesResponse.encode({ namespaces: [{ namespace: "n" }] }));
      },
      close: () => Promise.resolve(),
    }),
  );
  await using client = await CloudOperationsClient.connect({
    address: "test-cloud:",
    apiKey: "key",
    version: "2026-01-01",
  });
  const { namespaces } = await client.cloudService.getNamespaces({ pageSize: 1 });
  expect(namespaces[0]?.namespace).toBe("n");
  expect(calls[0]).toMatchObject({
    path: "/temporal.api.cloud.cloudservice.v1.CloudService/GetNamespaces",
    metadata: { authorization: "Bearer key", "temporal-cloud-api-version": "2026-01-01" },
  });
});
