import type { ClientOptions } from "../client/index.ts";
import type { Clock } from "../core/time/clock.ts";
import type { SearchAttributeKey } from "../payload/search-attributes.ts";
import { hostClock } from "../rpc/host-clock.ts";
import {
  MemoryStore,
  SkippingClock,
  startServer,
  type DynamicConfig,
  type ListenOptions,
  type Server,
} from "../server/index.ts";
import type { EnvironmentState } from "./environment-snapshot.ts";

/** What the server of a {@link WorkflowEnvironment} may be told; the rest goes to its client. */
export interface LocalEnvironmentOptions extends ClientOptions {
  /** Search attributes of the namespace beside those of the system. @default none */
  readonly searchAttributes?: readonly SearchAttributeKey[];
  /** SQLite database that keeps what happens. @default everything is forgotten in the end */
  readonly dbFilename?: string;
  /** Values by the Temporal Service's dynamic configuration keys. @default none */
  readonly dynamicConfig?: DynamicConfig;
  /** Serve gRPC as well, for others than {@link WorkflowEnvironment.client}. @default not served */
  readonly listen?: ListenOptions;
}

/** What an environment of a snapshot may be told. What it keeps and whether time is skipped is as it was. */
export type RestoreOptions = Omit<LocalEnvironmentOptions, "dbFilename">;

/** The server of an environment, with what a snapshot is made of. */
export interface EnvironmentServer {
  readonly server: Server;
  readonly timeSkipping: boolean;
  readonly clock: Clock;
  /** `undefined` if a database keeps what happens. */
  readonly store: MemoryStore | undefined;
}

/** How an {@link EnvironmentServer} begins. */
export interface EnvironmentStart {
  readonly options: LocalEnvironmentOptions;
  readonly timeSkipping: boolean;
  /** Goes on from there. @default with nothing, now */
  readonly from?: EnvironmentState;
}

/** Starts the server of an environment. */
export async function startEnvironmentServer({
  options,
  timeSkipping,
  from,
}: EnvironmentStart): Promise<EnvironmentServer> {
  const { searchAttributes = [], dbFilename, dynamicConfig, listen, namespace = "default" } = options;
  // What was taken up before must be told from what is taken up in the same millisecond after it.
  const clock = from === undefined ? hostClock : new SkippingClock(hostClock, from.nowMs + 1 - hostClock.now());
  const memory = from === undefined ? new MemoryStore() : MemoryStore.from(from.store);
  const store = dbFilename === undefined ? memory : undefined;
  const server = await startServer({
    store: store ?? `sqlite:${dbFilename}`,
    namespaces: [namespace],
    searchAttributes: Object.fromEntries(
      searchAttributes.map(({ name, indexedValueType }) => [name, indexedValueType]),
    ),
    timeSkipping,
    clock,
    ...(from === undefined ? {} : { workersLostAtMs: from.nowMs }),
    ...(dynamicConfig === undefined ? {} : { dynamicConfig }),
    ...(listen === undefined ? {} : { listen }),
  });
  return { server, timeSkipping, clock, store };
}
