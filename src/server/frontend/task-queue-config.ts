import { toTimestamp } from "../../core/execution/duration.ts";
import { TaskQueueType } from "../../proto/gen/enums.ts";
import { TaskQueueConfig, type RateLimitConfig } from "../../proto/gen/taskqueue.ts";
import type {
  UpdateTaskQueueConfigRequest,
  UpdateTaskQueueConfigRequest_RateLimitUpdate as RateLimitUpdate,
  UpdateTaskQueueConfigResponse,
} from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import { invalidArgument } from "../failures.ts";
import type { Services } from "../services.ts";
import { limitLength, requireNamespace, requireTaskQueue } from "./requests.ts";

const WEIGHT_OVERRIDES_MAX = 1_000;

/** Sets limits of a queue. Fairness keys are kept for whoever asks; tasks are ordered by priority alone here. */
export async function updateQueueConfig(
  services: Services,
  request: UpdateTaskQueueConfigRequest,
): Promise<Init<UpdateTaskQueueConfigResponse>> {
  const { clock, queueConfigs } = services;
  const { id: namespaceId } = requireNamespace(services, request.namespace);
  const { updateQueueRateLimit: queueLimit, updateFairnessKeyRateLimitDefault: keyLimit, identity } = request;
  const isWorkflow = request.taskQueueType === TaskQueueType.WORKFLOW;
  checkLimit(queueLimit, isWorkflow, "rate limit", "UpdateQueueRateLimit");
  checkLimit(keyLimit, isWorkflow, "fairness key rate limit", "UpdateFairnessKeyRateLimitDefault");
  limitLength(services, identity, "Identity length exceeds limit.");
  const { name } = requireTaskQueue(services, { name: request.taskQueue, kind: 0, normalName: "" });
  const type = isWorkflow ? "workflow" : request.taskQueueType === TaskQueueType.NEXUS ? "nexus" : "activity";
  const address = { namespaceId, type, name } as const;
  const before = queueConfigs.find(address) ?? TaskQueueConfig.create();
  const toConfig = ({ rateLimit, reason }: RateLimitUpdate): RateLimitConfig => ({
    rateLimit,
    metadata: { reason, updateIdentity: identity, updateTime: toTimestamp(clock.now()) },
  });
  const weights = { ...before.fairnessWeightOverrides, ...checkedWeights(request) };
  const unset = new Set(request.unsetFairnessWeightOverrides);
  const kept = Object.entries(weights).filter(([key]) => !unset.has(key));
  if (kept.length > WEIGHT_OVERRIDES_MAX)
    throw invalidArgument(`fairness weight overrides exceed the limit of ${WEIGHT_OVERRIDES_MAX}`);
  const config: TaskQueueConfig = {
    queueRateLimit: queueLimit === undefined ? before.queueRateLimit : toConfig(queueLimit),
    fairnessKeysRateLimitDefault: keyLimit === undefined ? before.fairnessKeysRateLimitDefault : toConfig(keyLimit),
    fairnessWeightOverrides: Object.fromEntries(kept),
  };
  await queueConfigs.put(address, config);
  return { config };
}

function checkLimit(update: RateLimitUpdate | undefined, isWorkflow: boolean, what: string, field: string): void {
  if (update?.rateLimit === undefined) return;
  if (isWorkflow) throw invalidArgument(`Setting ${what} on workflow task queues is not allowed.`);
  if (update.rateLimit.requestsPerSecond < 0)
    throw invalidArgument(`RequestsPerSecond for ${field} rate limit must be non-negative.`);
}

function checkedWeights(request: UpdateTaskQueueConfigRequest): Record<string, number> {
  const { setFairnessWeightOverrides: set, unsetFairnessWeightOverrides: unset } = request;
  for (const [key, weight] of Object.entries(set)) {
    if (unset.includes(key)) throw invalidArgument(`fairness key "${key}" is both set and unset`);
    if (!(weight > 0)) throw invalidArgument(`fairness weight of key "${key}" must be positive`);
  }
  return set;
}
