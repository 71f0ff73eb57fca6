import type { ConnectOptions } from "../client/index.ts";
import { ClientConfigTLS, type ClientConfigTLSDict } from "./client-config-tls.ts";
import { type LoadProfileOptions, loadProfile } from "./load-config.ts";
import type { ProfileParts } from "./profile-parts.ts";

/** {@link ClientConfigProfile} as plain data, with the names of the TOML file. */
export interface ClientConfigProfileDict {
  readonly address?: string;
  readonly namespace?: string;
  readonly api_key?: string;
  readonly tls?: ClientConfigTLSDict;
  readonly grpc_meta?: Readonly<Record<string, string>>;
}

/** The part of a client's options that profiles speak of, and the address to connect to. */
export interface ClientConnectConfig extends Pick<ConnectOptions, "namespace" | "apiKey" | "tls" | "metadata"> {
  /** Absent if no profile names one. */
  readonly address?: string;
}

/** What a {@link ClientConfigProfile} is made of. */
export type ClientConfigProfileParts = Partial<Omit<ProfileParts, "tls">> & {
  readonly tls?: ClientConfigTLS | undefined;
};

/** How one client connects, as files and the environment say. */
export class ClientConfigProfile {
  readonly address: string | undefined;
  readonly namespace: string | undefined;
  readonly apiKey: string | undefined;
  readonly tls: ClientConfigTLS | undefined;
  /** Metadata sent with every call, by lower-case names. */
  readonly grpcMeta: Readonly<Record<string, string>>;

  constructor(parts: ClientConfigProfileParts = {}) {
    this.address = parts.address;
    this.namespace = parts.namespace;
    this.apiKey = parts.apiKey;
    this.tls = parts.tls;
    this.grpcMeta = parts.grpcMeta ?? {};
  }

  /**
   * Reads one profile from a file, and lays the environment over it.
   *
   * @throws {ClientConfigError} If the profile is named and not there, or the file or the environment make no sense.
   */
  static async load(options: LoadProfileOptions = {}): Promise<ClientConfigProfile> {
    const parts = await loadProfile(options);
    return new ClientConfigProfile({ ...parts, tls: parts.tls && new ClientConfigTLS(parts.tls) });
  }

  /** What {@link toDict} gave, as an object again. */
  static fromDict(dict: ClientConfigProfileDict): ClientConfigProfile {
    return new ClientConfigProfile({
      address: dict.address,
      namespace: dict.namespace,
      apiKey: dict.api_key,
      tls: ClientConfigTLS.fromDict(dict.tls),
      grpcMeta: dict.grpc_meta ?? {},
    });
  }

  toDict(): ClientConfigProfileDict {
    const { address, namespace, apiKey, grpcMeta } = this;
    const tls = this.tls?.toDict() ?? {};
    return {
      ...(address !== undefined && { address }),
      ...(namespace !== undefined && { namespace }),
      ...(apiKey !== undefined && { api_key: apiKey }),
      ...(Object.keys(tls).length > 0 && { tls }),
      ...(Object.keys(grpcMeta).length > 0 && { grpc_meta: grpcMeta }),
    };
  }

  /** Options for `Client.connect`; files of certificates are read. @throws {ClientConfigError} If one cannot be. */
  async toClientConnectConfig(): Promise<ClientConnectConfig> {
    const { address, namespace, apiKey, grpcMeta: metadata } = this;
    const tls = this.tls === undefined ? apiKey !== undefined || undefined : await this.tls.toConnectTLSConfig();
    return {
      ...(address !== undefined && address !== "" && { address }),
      ...(namespace !== undefined && { namespace }),
      ...(apiKey !== undefined && { apiKey }),
      ...(tls !== undefined && { tls }),
      ...(Object.keys(metadata).length > 0 && { metadata }),
    };
  }
}
