/** How often each part of a run has failed on purpose. */
export type FailureCounts = Record<"validator" | "handler" | "run", number>;

const byRun = new Map<string, FailureCounts>();

/** The counts of a run: shared by the scenarios and their workflows outside of the sandbox. */
export function failuresOf(runId: string): FailureCounts {
  const counts = byRun.get(runId) ?? { validator: 0, handler: 0, run: 0 };
  byRun.set(runId, counts);
  return counts;
}
