import { ClientConfigError } from "./config-error.ts";
import type { DataSource } from "./data-source.ts";
import type { ProfileParts, TLSParts } from "./profile-parts.ts";

/** Environment variables by their names. */
export type Env = Readonly<Record<string, string | undefined>>;

const META_PREFIX = "TEMPORAL_GRPC_META_";

const tlsVariables = [
  "TEMPORAL_TLS",
  "TEMPORAL_TLS_CLIENT_CERT_PATH",
  "TEMPORAL_TLS_CLIENT_CERT_DATA",
  "TEMPORAL_TLS_CLIENT_KEY_PATH",
  "TEMPORAL_TLS_CLIENT_KEY_DATA",
  "TEMPORAL_TLS_SERVER_CA_CERT_PATH",
  "TEMPORAL_TLS_SERVER_CA_CERT_DATA",
  "TEMPORAL_TLS_SERVER_NAME",
  "TEMPORAL_TLS_DISABLE_HOST_VERIFICATION",
] as const;

/** A profile with what the environment says of it; the environment wins. @throws {ClientConfigError} */
export function applyEnv(profile: ProfileParts, env: Env): ProfileParts {
  return {
    address: env["TEMPORAL_ADDRESS"] ?? profile.address,
    namespace: env["TEMPORAL_NAMESPACE"] ?? profile.namespace,
    apiKey: env["TEMPORAL_API_KEY"] ?? profile.apiKey,
    tls: applyTLS(profile.tls, env),
    grpcMeta: applyMeta(profile.grpcMeta, env),
  };
}

/** Names of metadata as gRPC wants them. */
export function normalizeMetaKey(key: string): string {
  return key.toLowerCase().replaceAll("_", "-");
}

function applyTLS(given: TLSParts | undefined, env: Env): TLSParts | undefined {
  if (given === undefined && tlsVariables.every((name) => env[name] === undefined)) return undefined;
  const tls: TLSParts = given ?? {};
  const isOn = toBoolean(env["TEMPORAL_TLS"]);
  return {
    disabled: isOn === undefined ? tls.disabled : !isOn,
    clientCert: applySource(tls.clientCert, env, "cert", "TEMPORAL_TLS_CLIENT_CERT"),
    clientPrivateKey: applySource(tls.clientPrivateKey, env, "key", "TEMPORAL_TLS_CLIENT_KEY"),
    serverRootCACert: applySource(tls.serverRootCACert, env, "server CA cert", "TEMPORAL_TLS_SERVER_CA_CERT"),
    serverName: env["TEMPORAL_TLS_SERVER_NAME"] ?? tls.serverName,
    disableHostVerification: toBoolean(env["TEMPORAL_TLS_DISABLE_HOST_VERIFICATION"]) ?? tls.disableHostVerification,
  };
}

function applySource(source: DataSource | undefined, env: Env, name: string, prefix: string): DataSource | undefined {
  const [pathName, dataName] = [`${prefix}_PATH`, `${prefix}_DATA`];
  const { [pathName]: path, [dataName]: data } = env;
  if (path !== undefined && data !== undefined)
    throw new ClientConfigError(`Cannot specify both ${pathName} and ${dataName}`);
  if (path !== undefined) {
    if (source !== undefined && "data" in source)
      throw new ClientConfigError(`Cannot specify ${name} path via ${pathName} when ${name} data is already specified`);
    return { path };
  }
  if (data === undefined) return source;
  if (source !== undefined && "path" in source)
    throw new ClientConfigError(`Cannot specify ${name} data via ${dataName} when ${name} path is already specified`);
  return { data };
}

function applyMeta(given: Readonly<Record<string, string>>, env: Env): Readonly<Record<string, string>> {
  const meta = new Map(Object.entries(given));
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith(META_PREFIX) || value === undefined) continue;
    const key = normalizeMetaKey(name.slice(META_PREFIX.length));
    if (value === "") meta.delete(key);
    else meta.set(key, value);
  }
  return Object.fromEntries(meta);
}

// Other texts say nothing, as for the other SDKs.
function toBoolean(text: string | undefined): boolean | undefined {
  switch (text?.toLowerCase()) {
    case "true":
    case "1":
      return true;
    case "false":
    case "0":
      return false;
    default:
      return undefined;
  }
}
