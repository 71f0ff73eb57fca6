const WORKFLOW_MS = [
  100, 500, 1_000, 1_500, 2_000, 5_000, 10_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000,
  30_600_000, 86_400_000,
];
const WORKFLOW_TASK_MS = [1, 10, 20, 50, 100, 200, 500, 1_000];
const ACTIVITY_MS = [50, 100, 500, 1_000, 5_000, 10_000, 60_000];
const SCHEDULE_TO_START_MS = [100, 500, 1_000, 5_000, 10_000, 100_000, 1_000_000];
const DEFAULT_MS = [50, 100, 500, 1_000, 2_500, 10_000];

const bucketsByName: Readonly<Record<string, readonly number[]>> = {
  workflow_endtoend_latency: WORKFLOW_MS,
  workflow_task_execution_latency: WORKFLOW_TASK_MS,
  workflow_task_replay_latency: WORKFLOW_TASK_MS,
  activity_execution_latency: ACTIVITY_MS,
  workflow_task_schedule_to_start_latency: SCHEDULE_TO_START_MS,
  activity_schedule_to_start_latency: SCHEDULE_TO_START_MS,
};

/** Upper bounds of a histogram's buckets in milliseconds, by the metric's name without the prefix. */
export function defaultBuckets(name: string): readonly number[] {
  return Object.hasOwn(bucketsByName, name) ? (bucketsByName[name] ?? DEFAULT_MS) : DEFAULT_MS;
}
