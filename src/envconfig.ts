export type {
  ClientConfigProfileDict,
  ClientConfigProfileParts,
  ClientConnectConfig,
} from "./envconfig/client-config-profile.ts";
export { ClientConfigProfile } from "./envconfig/client-config-profile.ts";
export type { ClientConfigTLSDict } from "./envconfig/client-config-tls.ts";
export { ClientConfigTLS } from "./envconfig/client-config-tls.ts";
export type { LoadClientConnectConfigOptions } from "./envconfig/client-config.ts";
export { ClientConfig } from "./envconfig/client-config.ts";
export { ClientConfigError } from "./envconfig/config-error.ts";
export type { DataSource, DataSourceDict } from "./envconfig/data-source.ts";
export type { LoadOptions, LoadProfileOptions } from "./envconfig/load-config.ts";
export type { ProfileParts, TLSParts } from "./envconfig/profile-parts.ts";
