/** Limits and settings of Nexus operations, with the Temporal Service's names in its configuration. */
export interface NexusLimits {
  /** Operations of one run that may be under way. */
  readonly operationsMax: number;
  readonly serviceNameMaxBytes: number;
  readonly operationNameMaxBytes: number;
  readonly operationTokenMaxBytes: number;
  readonly headerMaxBytes: number;
  /** Longest schedule-to-close timeout; zero for none. */
  readonly scheduleToCloseMaxMs: number;
  /** In lower case; commands may not set them. */
  readonly disallowedHeaders: readonly string[];
  readonly retryInitialIntervalMs: number;
  readonly retryMaximumIntervalMs: number;
  /** Whether the end of a request to cancel leaves an event. */
  readonly recordsCancelRequestEnds: boolean;
}

/** The Temporal Service's defaults. */
export const DEFAULT_NEXUS_LIMITS: NexusLimits = {
  operationsMax: 30,
  serviceNameMaxBytes: 1000,
  operationNameMaxBytes: 1000,
  operationTokenMaxBytes: 4096,
  headerMaxBytes: 8192,
  scheduleToCloseMaxMs: 0,
  disallowedHeaders: [
    "request-timeout",
    "xdc-redirection-api",
    "xdc-redirection-source-cell",
    "xdc-redirection",
    "caller-name",
    "caller-type",
    "call-initiation",
    "temporal-principal-type",
    "temporal-principal-name",
  ],
  retryInitialIntervalMs: 1000,
  retryMaximumIntervalMs: 3_600_000,
  recordsCancelRequestEnds: true,
};
