import type { DataConverter } from "../payload/data-converter.ts";
import type { HeaderCodecBehavior, QueryRejectCondition } from "./client-enums.ts";
import type { Connection, ConnectionOptions } from "./connection.ts";
import type { ClientInterceptor } from "./interceptor.ts";
import type { TransportOptions } from "./open-transport.ts";

/** What a client of one namespace is made with. */
export interface ClientOptions {
  /** @default "default" */
  readonly namespace?: string | undefined;
  /** How this process names itself to the service. @default its process id and its host's name; "web" where there is no Node */
  readonly identity?: string | undefined;
  /** Turns values into payloads and back. @default {@link defaultDataConverter} */
  readonly dataConverter?: DataConverter | undefined;
  /** Wrap what the client asks of the service; the first is the outermost. @default none */
  readonly interceptors?: readonly ClientInterceptor[] | undefined;
  /** When queries are not to be answered. @default always answered */
  readonly defaultQueryRejectCondition?: QueryRejectCondition | undefined;
  /** What becomes of headers that interceptors set. @default "noCodec" */
  readonly headerCodecBehavior?: HeaderCodecBehavior | undefined;
  /** Change these options and how the client connects, in their order; workers of the client have them too. @default none */
  readonly plugins?: readonly ClientPlugin[] | undefined;
}

/** How a client connects. */
export interface ConnectOptions extends ClientOptions, ConnectionOptions, TransportOptions {
  /** Connects with the first call, not at once. @default false */
  readonly lazy?: boolean | undefined;
}

/** An address with how to connect to it. */
export interface ConnectConfig extends ConnectOptions {
  /** @default "localhost:7233" */
  readonly address?: string | undefined;
}

/** Changes how clients are made and connected. One that is a worker's plugin too is handed on to the client's workers. */
export interface ClientPlugin {
  /** Names the plugin in errors; no two of a client may share it. */
  readonly name: string;
  /** Changes what a client is made with. Called in the order of the plugins. */
  configureClient?(options: ClientOptions): ClientOptions;
  /** Called around the connection of a client, the first plugin outermost. */
  connect?(config: ConnectConfig, next: (config: ConnectConfig) => Promise<Connection>): Promise<Connection>;
}
