import type { ExecutionLimits } from "../core/execution/contract.ts";
import { DEFAULT_EXECUTION_LIMITS } from "../core/execution/limits.ts";
import type { RuleLimits } from "./deployments/version-rules.ts";
import type { Logger } from "../core/telemetry/logger.ts";
import { parseGoDuration } from "../core/schedule/go-duration.ts";
import {
  nexusAliases,
  nexusDefaults,
  nexusDurations,
  type NexusSettings,
  toNexusSettings,
} from "./nexus/nexus-settings.ts";

/**
 * Values by the service's dynamic configuration keys, as they come from flags or files.
 *
 * A length of time is a number of seconds, or text such as `"500ms"`.
 */
export type DynamicConfig = Readonly<Record<string, string | number | boolean>>;

/** What can be set, read once at start. */
export interface Settings {
  readonly limits: ExecutionLimits;
  readonly eagerWorkflowStart: boolean;
  /** Whether workers may have versions. */
  readonly deploymentVersions: boolean;
  /** Whether the calls of versioning by sets of compatible builds are served. */
  readonly versioningData: boolean;
  /** Whether the calls of versioning by rules are served. */
  readonly versioningRules: boolean;
  readonly ruleLimits: RuleLimits;
  /** Whether single runs may skip time that they only wait for. */
  readonly runsSkipTime: boolean;
  /** Skips of a run since its skipping was configured, unless the configuration says otherwise. */
  readonly skipsPerSessionMax: number;
  /** How long a version that no new workflow goes to counts as draining before that is looked up. */
  readonly drainageGraceMs: number;
  /** How long until it is looked up again. */
  readonly drainageRefreshMs: number;
  readonly cancelPollsOnShutdown: boolean;
  /** Whether workers are told that commands may come to them. */
  readonly workerCommands: boolean;
  /** Whether workers are sent commands to cancel activities. */
  readonly cancelActivityCommands: boolean;
  /** Longest id, name or identity in bytes. */
  readonly idLengthMax: number;
  readonly blobSizeMaxBytes: number;
  readonly memoSizeMaxBytes: number;
  readonly bufferedQueriesMax: number;
  /** Events of one page of history. */
  readonly historyPageEventsMax: number;
  readonly listPageSizeMax: number;
  /** How long a poll for a task waits. */
  readonly taskPollMs: number;
  /** How long a poll for history waits. */
  readonly historyPollMs: number;
  readonly standaloneActivities: boolean;
  readonly activityStartDelay: boolean;
  readonly activityCallbacks: boolean;
  /** Whether standalone activities may be paused, unpaused, reset and given other options. */
  readonly activityOperatorCommands: boolean;
  /** How long a poll for a standalone activity waits. */
  readonly activityPollMs: number;
  readonly linksPerRequestMax: number;
  readonly linkSizeMaxBytes: number;
  readonly summarySizeMaxBytes: number;
  readonly detailsSizeMaxBytes: number;
  /** Values of the header `Host` with which the HTTP API is called, with wildcards; `undefined` means what is usual. */
  readonly httpAllowedHosts: readonly string[] | undefined;
  readonly nexus: NexusSettings;
}

const defaults = {
  "limit.historyCount.suggestContinueAsNew": DEFAULT_EXECUTION_LIMITS.historyCountSuggestContinueAsNew,
  "limit.historySize.suggestContinueAsNew": DEFAULT_EXECUTION_LIMITS.historySizeSuggestContinueAsNewBytes,
  "limit.historyCount.error": DEFAULT_EXECUTION_LIMITS.historyCountError,
  "limit.historySize.error": DEFAULT_EXECUTION_LIMITS.historySizeErrorBytes,
  "limit.numPendingActivities.error": DEFAULT_EXECUTION_LIMITS.pendingActivitiesMax,
  "limit.numPendingChildExecutions.error": DEFAULT_EXECUTION_LIMITS.pendingChildrenMax,
  "limit.numPendingSignals.error": DEFAULT_EXECUTION_LIMITS.pendingSignalsMax,
  "limit.numPendingCancelRequests.error": DEFAULT_EXECUTION_LIMITS.pendingCancelsMax,
  "history.maximumSignalsPerExecution": DEFAULT_EXECUTION_LIMITS.signalsMax,
  "history.maxInFlightUpdates": DEFAULT_EXECUTION_LIMITS.updatesInFlightMax,
  "history.maxTotalUpdates": DEFAULT_EXECUTION_LIMITS.updatesTotalMax,
  "history.maxBufferedQueryCount": 1,
  "history.maximumBufferedEventsBatch": DEFAULT_EXECUTION_LIMITS.bufferedEventsMax,
  "history.maximumBufferedEventsSizeInBytes": DEFAULT_EXECUTION_LIMITS.bufferedEventsSizeMaxBytes,
  "history.defaultWorkflowTaskTimeout": DEFAULT_EXECUTION_LIMITS.defaultWorkflowTaskTimeoutMs,
  "history.longPollExpirationInterval": 20_000,
  "matching.longPollExpirationInterval": 60_000,
  "limit.blobSize.error": DEFAULT_EXECUTION_LIMITS.blobSizeErrorBytes,
  "limit.memoSize.error": DEFAULT_EXECUTION_LIMITS.memoSizeErrorBytes,
  "limit.maxIDLength": DEFAULT_EXECUTION_LIMITS.idLengthMax,
  "frontend.historyMaxPageSize": 256,
  "frontend.visibilityMaxPageSize": 1_000,
  "system.enableEagerWorkflowStart": true,
  "system.enableActivityEagerExecution": DEFAULT_EXECUTION_LIMITS.eagerActivities,
  "system.enableDeploymentVersions": true,
  "frontend.workerVersioningDataAPIs": false,
  "frontend.workerVersioningRuleAPIs": false,
  "limit.wv.AssignmentRuleLimitPerQueue": 100,
  "limit.wv.RedirectRuleLimitPerQueue": 500,
  "limit.wv.RedirectRuleMaxUpstreamBuildIDsPerQueue": 50,
  "frontend.WorkflowTimeSkippingEnabled": false,
  "frontend.WorkflowTimeSkippingMaxSkipPerSession": 200,
  "matching.wv.VersionDrainageStatusVisibilityGracePeriod": 180_000,
  "matching.wv.VersionDrainageStatusRefreshInterval": 180_000,
  "frontend.enableCancelWorkerPollsOnShutdown": true,
  "frontend.WorkerCommandsEnabled": false,
  "system.enableCancelActivityWorkerCommand": false,
  "activity.enableStandalone": true,
  "activity.startDelayEnabled": true,
  "activity.enableCallbacks": false,
  "history.enableStandaloneActivityOperatorCommands": false,
  "activity.longPollTimeout": 60_000,
  "frontend.maxlinksPerRequest": 10,
  "frontend.linkMaxSize": 4_000,
  "frontend.HTTPAllowedHosts": "",
  "limit.userMetadataSummarySize": 400,
  "limit.userMetadataDetailsSize": 20_000,
  ...nexusDefaults,
} satisfies DynamicConfig;

// As in the service, a plain number is seconds; the defaults are milliseconds.
const durations: ReadonlySet<string> = new Set<keyof typeof defaults>([
  "history.defaultWorkflowTaskTimeout",
  "history.longPollExpirationInterval",
  "matching.longPollExpirationInterval",
  "matching.wv.VersionDrainageStatusVisibilityGracePeriod",
  "matching.wv.VersionDrainageStatusRefreshInterval",
  "activity.longPollTimeout",
  ...nexusDurations,
]);

// Switches of the service for what is always on here, or not there to be switched.
const accepted = new Set([
  "frontend.enableServerVersionCheck",
  "frontend.enableUpdateWorkflowExecution",
  "frontend.enableUpdateWorkflowExecutionAsyncAccepted",
  "frontend.enableExecuteMultiOperation",
  "frontend.workerVersioningWorkflowAPIs",
  "frontend.activityAPIsEnabled",
  "history.enableChasm",
  "history.enableTransitionHistory",
  "history.enableCHASMCallbacks",
  "system.refreshNexusEndpointsMinWait",
  "system.forceSearchAttributesCacheRefreshOnRead",
  "system.enableActivityEagerExecution",
  "system.enableDeployments",
  "matching.useNewMatcher",
  "history.enableRequestIdRefLinks",
  "frontend.ListWorkersEnabled",
  "frontend.WorkerHeartbeatsEnabled",
]);

/** Reads settings; keys that this server does not know are named in the log and have no effect. */
export function readSettings(config: DynamicConfig, logger: Logger): Settings {
  const known = new Map<string, string>(
    [...Object.keys(defaults).map((key) => [key, key] as const), ...Object.entries(nexusAliases)].map(([key, name]) => [
      key.toLowerCase(),
      name,
    ]),
  );
  const acceptedKeys = new Set([...accepted].map((key) => key.toLowerCase()));
  const values: Record<string, string | number | boolean> = { ...defaults };
  for (const [key, value] of Object.entries(config)) {
    const name = known.get(key.toLowerCase());
    if (name !== undefined) values[name] = parseValue(name, value, defaults[name as keyof typeof defaults]);
    else if (!acceptedKeys.has(key.toLowerCase())) {
      logger.warn(`dynamic config key "${key}" is not known here and has no effect`);
    }
  }
  return toSettings(values as typeof defaults);
}

function toSettings(values: typeof defaults): Settings {
  const nexus = toNexusSettings(values);
  const limits: ExecutionLimits = {
    ...DEFAULT_EXECUTION_LIMITS,
    historyCountSuggestContinueAsNew: values["limit.historyCount.suggestContinueAsNew"],
    historySizeSuggestContinueAsNewBytes: values["limit.historySize.suggestContinueAsNew"],
    historyCountError: values["limit.historyCount.error"],
    historySizeErrorBytes: values["limit.historySize.error"],
    pendingActivitiesMax: values["limit.numPendingActivities.error"],
    pendingChildrenMax: values["limit.numPendingChildExecutions.error"],
    pendingSignalsMax: values["limit.numPendingSignals.error"],
    pendingCancelsMax: values["limit.numPendingCancelRequests.error"],
    signalsMax: values["history.maximumSignalsPerExecution"],
    updatesInFlightMax: values["history.maxInFlightUpdates"],
    updatesTotalMax: values["history.maxTotalUpdates"],
    blobSizeErrorBytes: values["limit.blobSize.error"],
    memoSizeErrorBytes: values["limit.memoSize.error"],
    bufferedEventsMax: values["history.maximumBufferedEventsBatch"],
    bufferedEventsSizeMaxBytes: values["history.maximumBufferedEventsSizeInBytes"],
    defaultWorkflowTaskTimeoutMs: values["history.defaultWorkflowTaskTimeout"],
    idLengthMax: values["limit.maxIDLength"],
    eagerActivities: values["system.enableActivityEagerExecution"],
    nexus: nexus.limits,
    callbacksMax: values["callback.maxPerExecution"],
    callbackRetryInitialIntervalMs: values["component.callbacks.retryPolicy.initialInterval"],
    callbackRetryMaximumIntervalMs: values["component.callbacks.retryPolicy.maxInterval"],
  };
  return {
    limits,
    eagerWorkflowStart: values["system.enableEagerWorkflowStart"],
    deploymentVersions: values["system.enableDeploymentVersions"],
    versioningData: values["frontend.workerVersioningDataAPIs"],
    versioningRules: values["frontend.workerVersioningRuleAPIs"],
    ruleLimits: {
      assignmentsMax: values["limit.wv.AssignmentRuleLimitPerQueue"],
      redirectsMax: values["limit.wv.RedirectRuleLimitPerQueue"],
      upstreamBuildsMax: values["limit.wv.RedirectRuleMaxUpstreamBuildIDsPerQueue"],
    },
    runsSkipTime: values["frontend.WorkflowTimeSkippingEnabled"],
    skipsPerSessionMax: values["frontend.WorkflowTimeSkippingMaxSkipPerSession"],
    drainageGraceMs: values["matching.wv.VersionDrainageStatusVisibilityGracePeriod"],
    drainageRefreshMs: values["matching.wv.VersionDrainageStatusRefreshInterval"],
    cancelPollsOnShutdown: values["frontend.enableCancelWorkerPollsOnShutdown"],
    workerCommands: values["frontend.WorkerCommandsEnabled"],
    cancelActivityCommands: values["system.enableCancelActivityWorkerCommand"],
    idLengthMax: values["limit.maxIDLength"],
    blobSizeMaxBytes: values["limit.blobSize.error"],
    memoSizeMaxBytes: values["limit.memoSize.error"],
    bufferedQueriesMax: values["history.maxBufferedQueryCount"],
    historyPageEventsMax: values["frontend.historyMaxPageSize"],
    listPageSizeMax: values["frontend.visibilityMaxPageSize"],
    taskPollMs: values["matching.longPollExpirationInterval"],
    historyPollMs: values["history.longPollExpirationInterval"],
    standaloneActivities: values["activity.enableStandalone"],
    activityStartDelay: values["activity.startDelayEnabled"],
    activityCallbacks: values["activity.enableCallbacks"],
    activityOperatorCommands: values["history.enableStandaloneActivityOperatorCommands"],
    activityPollMs: values["activity.longPollTimeout"],
    linksPerRequestMax: values["frontend.maxlinksPerRequest"],
    linkSizeMaxBytes: values["frontend.linkMaxSize"],
    summarySizeMaxBytes: values["limit.userMetadataSummarySize"],
    detailsSizeMaxBytes: values["limit.userMetadataDetailsSize"],
    httpAllowedHosts: readHosts(values["frontend.HTTPAllowedHosts"]),
    nexus,
  };
}

/** @throws {RangeError} If the text is no JSON list of texts. */
function readHosts(json: string): readonly string[] | undefined {
  if (json === "") return undefined;
  const hosts: unknown = JSON.parse(json);
  if (Array.isArray(hosts) && hosts.every((host) => typeof host === "string")) return hosts;
  throw new RangeError(
    `Cannot read dynamic config "frontend.httpAllowedHosts": found "${json}", wanted a JSON list of texts`,
  );
}

function parseValue(
  key: string,
  value: string | number | boolean,
  usual: string | number | boolean,
): string | number | boolean {
  if (typeof usual === "string") return String(value);
  const isDuration = durations.has(key);
  if (typeof usual === "boolean") {
    if (typeof value === "boolean") return value;
    if (value === "true" || value === "false") return value === "true";
  } else {
    const number = typeof value === "string" && PLAIN_NUMBER.test(value) ? Number(value) : value;
    if (typeof number === "number" && Number.isFinite(number)) return isDuration ? number * 1_000 : number;
    const ms = isDuration ? parseGoDuration(withDaysAsHours(String(value))) : undefined;
    if (ms !== undefined) return ms;
  }
  const wanted = isDuration
    ? "seconds or a duration such as 500ms"
    : typeof usual === "boolean"
      ? "true or false"
      : "a number";
  throw new RangeError(`Cannot read dynamic config "${key}": found "${String(value)}", wanted ${wanted}`);
}

const PLAIN_NUMBER = /^(?:\d+\.?\d*|\.\d+)$/;

/** The service has days too, which Go has not. */
function withDaysAsHours(text: string): string {
  return text.replaceAll(/(\d+\.?\d*|\.\d+)d/g, (_, days: string) => `${Number(days) * 24}h`);
}
