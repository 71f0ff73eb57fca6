import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ClientConfig } from "./client-config.ts";
import { ClientConfigProfile } from "./client-config-profile.ts";
import { ClientConfigTLS } from "./client-config-tls.ts";

const TOML = `
[profile.default]
address = "default-address"
namespace = "default-namespace"

[profile.custom]
address = "custom-address"
namespace = "custom-namespace"
api_key = "custom-api-key"
[profile.custom.tls]
server_name = "custom-server-name"
[profile.custom.grpc_meta]
custom-header = "custom-value"
"Mixed_CASE" = "mixed"
`;
const configSource = { data: TOML };
let folder: string;
let file: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "perdure-config-"));
  file = join(folder, "temporal.toml");
  await writeFile(file, TOML);
});
afterAll(() => rm(folder, { recursive: true }));

const load = (options: Parameters<typeof ClientConfigProfile.load>[0]) =>
  ClientConfigProfile.load({ overrideEnvVars: {}, ...options });

test("a profile is read from a file or from text, the default one unless another is named", async () => {
  for (const source of [configSource, { path: file }]) {
    const profile = await load({ configSource: source });
    expect(await profile.toClientConnectConfig()).toEqual({
      address: "default-address",
      namespace: "default-namespace",
    });
    const custom = await load({ configSource: source, profile: "custom" });
    expect(await custom.toClientConnectConfig()).toEqual({
      address: "custom-address",
      namespace: "custom-namespace",
      apiKey: "custom-api-key",
      tls: { domain: "custom-server-name" },
      metadata: { "custom-header": "custom-value", "mixed-case": "mixed" },
    });
  }
});

test("the environment finds the file and the profile, and overrides what the profile says", async () => {
  const overrideEnvVars = {
    TEMPORAL_CONFIG_FILE: file,
    TEMPORAL_PROFILE: "custom",
    TEMPORAL_ADDRESS: "env-address",
    TEMPORAL_NAMESPACE: "env-namespace",
    TEMPORAL_API_KEY: "env-api-key",
    TEMPORAL_TLS_SERVER_NAME: "env-server-name",
    TEMPORAL_TLS_CLIENT_CERT_DATA: "cert",
    TEMPORAL_TLS_CLIENT_KEY_PATH: file,
    TEMPORAL_GRPC_META_CUSTOM_HEADER: "",
    TEMPORAL_GRPC_META_ANOTHER_HEADER: "another",
  };
  expect(await ClientConfig.loadClientConnectConfig({ overrideEnvVars })).toEqual({
    address: "env-address",
    namespace: "env-namespace",
    apiKey: "env-api-key",
    tls: { domain: "env-server-name", clientCert: "cert", clientPrivateKey: Buffer.from(TOML) },
    metadata: { "another-header": "another", "mixed-case": "mixed" },
  });
  const all = await ClientConfig.load({ overrideEnvVars });
  expect(Object.keys(all.profiles)).toEqual(["default", "custom"]);
  expect(all.profiles["default"]?.address).toBe("default-address");
});

test("file and environment can be left out of it, but not both", async () => {
  const overrideEnvVars = { TEMPORAL_ADDRESS: "env-address" };
  const withoutEnv = await ClientConfig.loadClientConnectConfig({
    configFile: file,
    disableEnv: true,
    overrideEnvVars,
  });
  expect(withoutEnv.address).toBe("default-address");
  const withoutFile = await ClientConfig.loadClientConnectConfig({
    configFile: file,
    disableFile: true,
    overrideEnvVars,
  });
  expect(withoutFile).toEqual({ address: "env-address" });
  await expect(load({ disableFile: true, disableEnv: true })).rejects.toThrow("Cannot disable both");
});

test("an API key turns TLS on unless TLS is said to be off", async () => {
  const tls = async (toml: string, overrideEnvVars = {}): Promise<unknown> => {
    const profile = await load({ configSource: { data: `[profile.default]\n${toml}` }, overrideEnvVars });
    return (await profile.toClientConnectConfig()).tls;
  };
  expect(await tls(`api_key = "k"`)).toBe(true);
  expect(await tls(`api_key = "k"\ntls = { disabled = true }`)).toBe(false);
  expect(await tls(`api_key = "k"`, { TEMPORAL_TLS: "false" })).toBe(false);
  expect(await tls(`tls = { disabled = true, server_name = "x" }`, { TEMPORAL_TLS: "1" })).toEqual({ domain: "x" });
  expect(await tls(``, { TEMPORAL_TLS: "perhaps" })).toEqual({});
  expect(await tls(``)).toBeUndefined();
});

test("a missing file is no profiles, and only a profile that was asked for must be there", async () => {
  const overrideEnvVars = { TEMPORAL_CONFIG_FILE: join(folder, "missing.toml") };
  expect((await ClientConfig.load({ overrideEnvVars })).profiles).toEqual({});
  expect(await ClientConfig.loadClientConnectConfig({ overrideEnvVars })).toEqual({});
  await expect(load({ configSource, profile: "nonexistent" })).rejects.toThrow("Profile 'nonexistent' not found");
  const named = { ...overrideEnvVars, TEMPORAL_PROFILE: "nonexistent" };
  await expect(load({ overrideEnvVars: named })).rejects.toThrow("Profile 'nonexistent' not found");
});

test("what cannot be meant is an error that says where", async () => {
  const fails = (data: string, overrideEnvVars = {}, configFileStrict = false): Promise<unknown> =>
    load({ configSource: { data }, overrideEnvVars, configFileStrict }).catch((error: Error) => error.message);
  expect(await fails("this is not toml")).toContain("it is no valid TOML");
  expect(await fails(`[profile.default]\napi_key = "secret`)).not.toContain("secret");
  expect(await fails(`[profile.default]\naddress = 1`)).toContain(`at "profile.default.address", expected a text`);
  expect(await fails(`[profile.default]\nother = 1`, {}, true)).toContain(`unknown key "profile.default.other"`);
  expect(await fails(`[profile.default]\nother = 1`)).toBeInstanceOf(ClientConfigProfile);
  const both = `[profile.default.tls]\nclient_cert_path = "p"\nclient_cert_data = "d"`;
  expect(await fails(both)).toBe("Cannot specify both client_cert_path and client_cert_data");
  const path = `[profile.default.tls]\nclient_cert_path = "p"`;
  expect(await fails(path, { TEMPORAL_TLS_CLIENT_CERT_DATA: "d" })).toBe(
    "Cannot specify cert data via TEMPORAL_TLS_CLIENT_CERT_DATA when cert path is already specified",
  );
  const data = `[profile.default.tls]\nclient_cert_data = "d"`;
  expect(await fails(data, { TEMPORAL_TLS_CLIENT_CERT_PATH: "p" })).toBe(
    "Cannot specify cert path via TEMPORAL_TLS_CLIENT_CERT_PATH when cert data is already specified",
  );
  const twice = { TEMPORAL_TLS_CLIENT_KEY_PATH: "p", TEMPORAL_TLS_CLIENT_KEY_DATA: "d" };
  expect(await fails("", twice)).toContain("Cannot specify both TEMPORAL_TLS_CLIENT_KEY_PATH and");
});

test("profiles become plain data and come back", () => {
  const profile = new ClientConfigProfile({
    address: "some-address",
    apiKey: "some-api-key",
    tls: new ClientConfigTLS({
      serverName: "some-server-name",
      serverRootCACert: { data: new TextEncoder().encode("ca") },
      clientCert: { path: "client.crt" },
    }),
    grpcMeta: { "some-header": "some-value" },
  });
  const dict = new ClientConfig({ default: profile, empty: new ClientConfigProfile() }).toDict();
  expect(dict).toEqual({
    default: {
      address: "some-address",
      api_key: "some-api-key",
      tls: {
        server_name: "some-server-name",
        server_ca_cert: { data: "ca" },
        client_cert: { path: "client.crt" },
      },
      grpc_meta: { "some-header": "some-value" },
    },
    empty: {},
  });
  expect(ClientConfig.fromDict(dict).toDict()).toEqual(dict);
});
