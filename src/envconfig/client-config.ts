import {
  type ClientConfigProfileDict,
  ClientConfigProfile,
  type ClientConnectConfig,
} from "./client-config-profile.ts";
import { ClientConfigTLS } from "./client-config-tls.ts";
import { type LoadOptions, loadProfiles, type LoadProfileOptions } from "./load-config.ts";

/** What {@link ClientConfig.loadClientConnectConfig} may be told. */
export interface LoadClientConnectConfigOptions extends Omit<LoadProfileOptions, "configSource"> {
  /** The TOML file. @default `$TEMPORAL_CONFIG_FILE`, else `temporalio/temporal.toml` in the user's folder for configurations */
  readonly configFile?: string | undefined;
}

/** All profiles of a file. */
export class ClientConfig {
  readonly profiles: Readonly<Record<string, ClientConfigProfile>>;

  constructor(profiles: Readonly<Record<string, ClientConfigProfile>> = {}) {
    this.profiles = profiles;
  }

  /** Reads all profiles of a file; the environment says at most where it is. @throws {ClientConfigError} */
  static async load(options: LoadOptions = {}): Promise<ClientConfig> {
    const profiles = await loadProfiles(options);
    return new ClientConfig(
      Object.fromEntries(
        [...profiles].map(([name, parts]) => {
          return [name, new ClientConfigProfile({ ...parts, tls: parts.tls && new ClientConfigTLS(parts.tls) })];
        }),
      ),
    );
  }

  /** Reads one profile as options for `Client.connect`. @throws {ClientConfigError} As {@link ClientConfigProfile.load}. */
  static async loadClientConnectConfig(options: LoadClientConnectConfigOptions = {}): Promise<ClientConnectConfig> {
    const { configFile, ...given } = options;
    const configSource =
      configFile === undefined || configFile === "" || options.disableFile === true ? undefined : { path: configFile };
    const profile = await ClientConfigProfile.load({ ...given, configSource });
    return profile.toClientConnectConfig();
  }

  /** What {@link toDict} gave, as an object again. */
  static fromDict(dict: Readonly<Record<string, ClientConfigProfileDict>>): ClientConfig {
    return new ClientConfig(
      Object.fromEntries(Object.entries(dict).map(([name, profile]) => [name, ClientConfigProfile.fromDict(profile)])),
    );
  }

  toDict(): Record<string, ClientConfigProfileDict> {
    return Object.fromEntries(Object.entries(this.profiles).map(([name, profile]) => [name, profile.toDict()]));
  }
}
