import type { DataSource } from "./data-source.ts";

/** What a configuration says of TLS. */
export interface TLSParts {
  /** True turns TLS off, false turns it on; nothing said leaves it to the API key. */
  readonly disabled?: boolean | undefined;
  /** Name sent to the server and checked in its certificate. */
  readonly serverName?: string | undefined;
  readonly serverRootCACert?: DataSource | undefined;
  readonly clientCert?: DataSource | undefined;
  readonly clientPrivateKey?: DataSource | undefined;
  /** Read for the sake of other tools; a client here always checks the host. @default false */
  readonly disableHostVerification?: boolean | undefined;
}

/** What a configuration says of a profile. */
export interface ProfileParts {
  readonly address?: string | undefined;
  readonly namespace?: string | undefined;
  readonly apiKey?: string | undefined;
  readonly tls?: TLSParts | undefined;
  /** Metadata sent with every call, by lower-case names. */
  readonly grpcMeta: Readonly<Record<string, string>>;
}
