import { parseGoDuration } from "../../core/schedule/go-duration.ts";
import type { BreakerSettings } from "./circuit-breakers.ts";
import { DEFAULT_NEXUS_LIMITS, type NexusLimits } from "../../core/execution/nexus/nexus-limits.ts";

const BREAKER_PROBES = 1;
const BREAKER_OPEN_MS = 60_000;

/** Hosts to which callbacks may be sent. */
export interface AllowedAddress {
  /** Of host and port. */
  readonly pattern: RegExp;
  /** Whether plain HTTP will do. */
  readonly allowsInsecure: boolean;
}

/** The waits between attempts. */
export type RetryIntervals = Pick<NexusLimits, "retryInitialIntervalMs" | "retryMaximumIntervalMs">;

/** What can be set about Nexus and completion callbacks. */
export interface NexusSettings {
  readonly limits: NexusLimits;
  /** How long one request to start or cancel an operation may take. */
  readonly requestTimeoutMs: number;
  /** With less time left than this, no request is made. */
  readonly requestTimeoutMinMs: number;
  /** So long before a request's end its caller is told that it has timed out. */
  readonly dispatchBufferMs: number;
  /** Address to which handlers of external endpoints send completions, with `{{.NamespaceName}}` and `{{.NamespaceID}}`; "unset" for none. */
  readonly callbackUrlTemplate: string;
  /** Worker targets are given the server's own callback address, not one made from the template. */
  readonly useSystemCallback: boolean;
  readonly endpointNameMaxBytes: number;
  readonly endpointUrlMaxBytes: number;
  readonly endpointDescriptionMaxBytes: number;
  readonly endpointPageSizeDefault: number;
  readonly endpointPageSizeMax: number;
  readonly callbackUrlMaxBytes: number;
  readonly callbackHeaderMaxBytes: number;
  readonly callbackRequestTimeoutMs: number;
  /** Addresses that callbacks may have beside the server's own. */
  readonly allowedCallbackAddresses: readonly AllowedAddress[];
  readonly breakers: BreakerSettings;
  /** Matches names of headers, in lower case, of which handlers hear nothing. */
  readonly hiddenHeaders: RegExp;
  readonly reasonMaxBytes: number;
  readonly signalWithStartFromWorkflow: boolean;
  readonly updateCallbacks: boolean;
  readonly signalBacklinks: boolean;
  readonly standaloneOperations: boolean;
  readonly standaloneRetry: RetryIntervals;
}

/** The service's keys and defaults; times in milliseconds. */
export const nexusDefaults = {
  "component.nexusoperations.request.timeout": 10_000,
  "component.nexusoperations.limit.request.timeout.min": 1_500,
  "component.nexusoperations.limit.dispatch.task.timeout.min": 1_000,
  "component.nexusoperations.limit.operation.concurrency": DEFAULT_NEXUS_LIMITS.operationsMax,
  "component.nexusoperations.limit.service.name.length": DEFAULT_NEXUS_LIMITS.serviceNameMaxBytes,
  "component.nexusoperations.limit.operation.name.length": DEFAULT_NEXUS_LIMITS.operationNameMaxBytes,
  "component.nexusoperations.limit.operation.token.length": DEFAULT_NEXUS_LIMITS.operationTokenMaxBytes,
  "component.nexusoperations.limit.header.size": DEFAULT_NEXUS_LIMITS.headerMaxBytes,
  "component.nexusoperations.limit.scheduleToCloseTimeout": DEFAULT_NEXUS_LIMITS.scheduleToCloseMaxMs,
  "component.nexusoperations.disallowedHeaders": JSON.stringify(DEFAULT_NEXUS_LIMITS.disallowedHeaders),
  "component.nexusoperations.callback.endpoint.template": "unset",
  "component.nexusoperations.useSystemCallbackURL": true,
  "component.nexusoperations.retryPolicy.initialInterval": DEFAULT_NEXUS_LIMITS.retryInitialIntervalMs,
  "component.nexusoperations.retryPolicy.maxInterval": DEFAULT_NEXUS_LIMITS.retryMaximumIntervalMs,
  "component.nexusoperations.recordCancelRequestCompletionEvents": DEFAULT_NEXUS_LIMITS.recordsCancelRequestEnds,
  "component.callbacks.request.timeout": 10_000,
  "component.callbacks.retryPolicy.initialInterval": 1_000,
  "component.callbacks.retryPolicy.maxInterval": 3_600_000,
  "component.callbacks.allowedAddresses": "[]",
  "history.outboundQueue.circuitBreakerSettings": "{}",
  "frontend.nexusRequestHeadersBlacklist": JSON.stringify([
    "accept-encoding",
    "x-forwarded-for",
    "xdc-redirection",
    "xdc-redirection-api",
    "temporal-nexus-failure-support",
  ]),
  "nexusoperation.limit.reasonLength": 1_000,
  "callback.maxPerExecution": 2_000,
  "frontend.callbackURLMaxLength": 1_000,
  "frontend.callbackHeaderMaxLength": 8 * 1024,
  "limit.endpointNameMaxLength": 200,
  "limit.endpointExternalURLMaxLength": 4 * 1024,
  "limit.endpointDescriptionMaxSize": 20_000,
  "limit.endpointListDefaultPageSize": 100,
  "limit.endpointListMaxPageSize": 1_000,
  "history.enableSignalWithStartFromWorkflow": false,
  "history.enableUpdateCallbacks": false,
  "history.enableCHASMSignalBacklinks": false,
  "nexusoperation.enableStandalone": false,
  "nexusoperation.retryPolicy": "{}",
};

/** Which of these are lengths of time. */
export const nexusDurations = [
  "component.nexusoperations.request.timeout",
  "component.nexusoperations.limit.request.timeout.min",
  "component.nexusoperations.limit.dispatch.task.timeout.min",
  "component.nexusoperations.limit.scheduleToCloseTimeout",
  "component.nexusoperations.retryPolicy.initialInterval",
  "component.nexusoperations.retryPolicy.maxInterval",
  "component.callbacks.request.timeout",
  "component.callbacks.retryPolicy.initialInterval",
  "component.callbacks.retryPolicy.maxInterval",
] as const satisfies readonly (keyof typeof nexusDefaults)[];

/** Newer names of the service for keys above. */
export const nexusAliases: Readonly<Record<string, keyof typeof nexusDefaults>> = {
  "nexusoperation.request.timeout": "component.nexusoperations.request.timeout",
  "nexusoperation.limit.request.timeout.min": "component.nexusoperations.limit.request.timeout.min",
  "nexusoperation.limit.dispatch.task.timeout.min": "component.nexusoperations.limit.dispatch.task.timeout.min",
  "nexusoperation.limit.service.name.length": "component.nexusoperations.limit.service.name.length",
  "nexusoperation.limit.operation.name.length": "component.nexusoperations.limit.operation.name.length",
  "nexusoperation.limit.operation.token.length": "component.nexusoperations.limit.operation.token.length",
  "nexusoperation.limit.header.size": "component.nexusoperations.limit.header.size",
  "nexusoperation.limit.scheduleToCloseTimeout": "component.nexusoperations.limit.scheduleToCloseTimeout",
  "nexusoperation.callback.endpoint.template": "component.nexusoperations.callback.endpoint.template",
  "nexusoperation.useSystemCallbackURL": "component.nexusoperations.useSystemCallbackURL",
  "nexusoperation.disallowedHeaders": "component.nexusoperations.disallowedHeaders",
  "callback.request.timeout": "component.callbacks.request.timeout",
  "callback.retryPolicy.initialInterval": "component.callbacks.retryPolicy.initialInterval",
  "callback.retryPolicy.maxInterval": "component.callbacks.retryPolicy.maxInterval",
  "callback.allowedAddresses": "component.callbacks.allowedAddresses",
};

/** Settings from values by the service's keys. */
export function toNexusSettings(values: typeof nexusDefaults): NexusSettings {
  return {
    limits: {
      operationsMax: values["component.nexusoperations.limit.operation.concurrency"],
      serviceNameMaxBytes: values["component.nexusoperations.limit.service.name.length"],
      operationNameMaxBytes: values["component.nexusoperations.limit.operation.name.length"],
      operationTokenMaxBytes: values["component.nexusoperations.limit.operation.token.length"],
      headerMaxBytes: values["component.nexusoperations.limit.header.size"],
      scheduleToCloseMaxMs: values["component.nexusoperations.limit.scheduleToCloseTimeout"],
      disallowedHeaders: readNames(values["component.nexusoperations.disallowedHeaders"]),
      retryInitialIntervalMs: values["component.nexusoperations.retryPolicy.initialInterval"],
      retryMaximumIntervalMs: values["component.nexusoperations.retryPolicy.maxInterval"],
      recordsCancelRequestEnds: values["component.nexusoperations.recordCancelRequestCompletionEvents"],
    },
    requestTimeoutMs: values["component.nexusoperations.request.timeout"],
    requestTimeoutMinMs: values["component.nexusoperations.limit.request.timeout.min"],
    dispatchBufferMs: values["component.nexusoperations.limit.dispatch.task.timeout.min"],
    callbackUrlTemplate: values["component.nexusoperations.callback.endpoint.template"],
    useSystemCallback: values["component.nexusoperations.useSystemCallbackURL"],
    endpointNameMaxBytes: values["limit.endpointNameMaxLength"],
    endpointUrlMaxBytes: values["limit.endpointExternalURLMaxLength"],
    endpointDescriptionMaxBytes: values["limit.endpointDescriptionMaxSize"],
    endpointPageSizeDefault: values["limit.endpointListDefaultPageSize"],
    endpointPageSizeMax: values["limit.endpointListMaxPageSize"],
    callbackUrlMaxBytes: values["frontend.callbackURLMaxLength"],
    callbackHeaderMaxBytes: values["frontend.callbackHeaderMaxLength"],
    callbackRequestTimeoutMs: values["component.callbacks.request.timeout"],
    allowedCallbackAddresses: readAddresses(values["component.callbacks.allowedAddresses"]),
    hiddenHeaders: wildcards(readNames(values["frontend.nexusRequestHeadersBlacklist"])),
    reasonMaxBytes: values["nexusoperation.limit.reasonLength"],
    breakers: readBreakers(values["history.outboundQueue.circuitBreakerSettings"]),
    signalWithStartFromWorkflow: values["history.enableSignalWithStartFromWorkflow"],
    updateCallbacks: values["history.enableUpdateCallbacks"],
    signalBacklinks: values["history.enableCHASMSignalBacklinks"],
    standaloneOperations: values["nexusoperation.enableStandalone"],
    standaloneRetry: readRetry(values["nexusoperation.retryPolicy"]),
  };
}

function readNames(json: string): readonly string[] {
  const names: unknown = JSON.parse(json);
  return Array.isArray(names) ? names.map((name) => String(name).toLowerCase()) : [];
}

/** What is missing or zero is the usual. */
function readBreakers(json: string): BreakerSettings {
  const fields = readFields(json);
  return {
    probesMax: Number(fields.get("maxrequests") ?? 0) || BREAKER_PROBES,
    forgetAfterMs: toMs(fields.get("interval")),
    openMs: toMs(fields.get("timeout")) || BREAKER_OPEN_MS,
  };
}

function readRetry(json: string): RetryIntervals {
  const fields = readFields(json);
  const { retryInitialIntervalMs, retryMaximumIntervalMs } = DEFAULT_NEXUS_LIMITS;
  return {
    retryInitialIntervalMs: toMs(fields.get("initialinterval")) || retryInitialIntervalMs,
    retryMaximumIntervalMs: toMs(fields.get("maxinterval")) || retryMaximumIntervalMs,
  };
}

/** Names of fields count whatever their case. */
function readFields(json: string): ReadonlyMap<string, unknown> {
  const fields: unknown = JSON.parse(json);
  const entries = Object.entries(typeof fields === "object" && fields !== null ? fields : {});
  return new Map(entries.map(([name, value]: [string, unknown]) => [name.toLowerCase(), value]));
}

/** Plain numbers are seconds. */
function toMs(value: unknown): number {
  if (typeof value === "number") return value * 1_000;
  return typeof value === "string" ? (parseGoDuration(value) ?? 0) : 0;
}

/** As the service has it, entries that make no sense are left out. */
function readAddresses(json: string): readonly AllowedAddress[] {
  const entries: unknown = JSON.parse(json);
  if (!Array.isArray(entries)) return [];
  return entries.flatMap((entry: unknown) => {
    if (typeof entry !== "object" || entry === null) return [];
    const { Pattern: pattern, AllowInsecure: allowsInsecure } = entry as Readonly<Record<string, unknown>>;
    if (typeof pattern !== "string" || pattern === "") return [];
    return [{ pattern: wildcards([pattern]), allowsInsecure: allowsInsecure === true }];
  });
}

/** Matches a text that is one of the patterns as a whole, in which `*` is any text. */
function wildcards(patterns: readonly string[]): RegExp {
  const sources = patterns.map((pattern) =>
    pattern
      .split("*")
      .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`))
      .join(".*"),
  );
  return new RegExp(`^(?:${sources.join("|")})$`);
}
