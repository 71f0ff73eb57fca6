import type { TLSConfig } from "../rpc/grpc-socket.ts";
import { type DataSource, type DataSourceDict, readSource, sourceToDict } from "./data-source.ts";
import type { TLSParts } from "./profile-parts.ts";

/** {@link ClientConfigTLS} as plain data, with the names of the TOML file. */
export interface ClientConfigTLSDict {
  readonly disabled?: boolean;
  readonly server_name?: string;
  readonly server_ca_cert?: DataSourceDict;
  readonly client_cert?: DataSourceDict;
  readonly client_key?: DataSourceDict;
}

/** How a profile wants its connection encrypted. */
export class ClientConfigTLS {
  /** True turns TLS off, false turns it on; nothing said leaves it to the API key. */
  readonly disabled: boolean | undefined;
  /** Name sent to the server and checked in its certificate. @default the address's host */
  readonly serverName: string | undefined;
  readonly serverRootCACert: DataSource | undefined;
  readonly clientCert: DataSource | undefined;
  readonly clientPrivateKey: DataSource | undefined;

  constructor(parts: TLSParts = {}) {
    this.disabled = parts.disabled;
    this.serverName = parts.serverName;
    this.serverRootCACert = parts.serverRootCACert;
    this.clientCert = parts.clientCert;
    this.clientPrivateKey = parts.clientPrivateKey;
  }

  /** What {@link toDict} gave, as an object again; nothing for an empty one. */
  static fromDict(dict: ClientConfigTLSDict | undefined): ClientConfigTLS | undefined {
    if (dict === undefined || Object.keys(dict).length === 0) return undefined;
    return new ClientConfigTLS({
      disabled: dict.disabled,
      serverName: dict.server_name,
      serverRootCACert: dict.server_ca_cert,
      clientCert: dict.client_cert,
      clientPrivateKey: dict.client_key,
    });
  }

  toDict(): ClientConfigTLSDict {
    const { disabled, serverName, serverRootCACert, clientCert, clientPrivateKey } = this;
    return {
      ...(disabled !== undefined && { disabled }),
      ...(serverName !== undefined && { server_name: serverName }),
      ...(serverRootCACert !== undefined && { server_ca_cert: sourceToDict(serverRootCACert) }),
      ...(clientCert !== undefined && { client_cert: sourceToDict(clientCert) }),
      ...(clientPrivateKey !== undefined && { client_key: sourceToDict(clientPrivateKey) }),
    };
  }

  /** The client's option `tls`, with the files read. @throws {ClientConfigError} If a file cannot be read. */
  async toConnectTLSConfig(): Promise<boolean | TLSConfig> {
    if (this.disabled === true) return false;
    const [serverRootCACert, clientCert, clientPrivateKey] = await Promise.all(
      [this.serverRootCACert, this.clientCert, this.clientPrivateKey].map(readSource),
    );
    return {
      ...(this.serverName !== undefined && { domain: this.serverName }),
      ...(serverRootCACert !== undefined && { serverRootCACert }),
      ...(clientCert !== undefined && { clientCert }),
      ...(clientPrivateKey !== undefined && { clientPrivateKey }),
    };
  }
}
