import { BatchOperationType, EventType, WorkflowExecutionStatus } from "../../proto/gen/enums.ts";
import { HistoryEvent } from "../../proto/gen/history.ts";
import { batchType, type BatchRecord, type BatchTarget } from "../batches/batch-record.ts";
import { invalidArgument } from "../failures.ts";
import type { Services } from "../services.ts";
import type { VisibilityFilter } from "../store/store.ts";
import { parseListFilter } from "../visibility/list-filter.ts";

// A batch operation is about so many runs at most; those that are left take another one.
const TARGETS_MAX = 100_000;
const PAGE_SIZE = 1_000;

// What can be done to runs that are closed as well.
const ofClosedRuns = new Set<BatchOperationType>([
  BatchOperationType.DELETE_WORKFLOW,
  BatchOperationType.RESET_WORKFLOW,
]);

const isOpen: VisibilityFilter = {
  kind: "compare",
  field: { name: "status" },
  operator: "=",
  value: WorkflowExecutionStatus.RUNNING,
};

/** The runs that satisfy a batch operation's query, open ones only where nothing can be done to the others. */
export function findBatchTargets(
  { store, namespaces }: Services,
  { namespaceId, request }: BatchRecord,
): readonly BatchTarget[] {
  const searchAttributes = namespaces.findById(namespaceId)?.searchAttributes ?? {};
  const { where: asked } = parseListFilter(request.visibilityQuery, searchAttributes);
  const parts = [...(asked === undefined ? [] : [asked]), ...(ofClosedRuns.has(batchType(request)) ? [] : [isOpen])];
  const targets: BatchTarget[] = [];
  let pageToken: Uint8Array | undefined;
  do {
    const page = store.listRuns({ namespaceId, where: { kind: "and", parts }, pageSize: PAGE_SIZE, pageToken });
    for (const { workflowId, runId } of page.rows) targets.push({ workflowId, runId });
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined && targets.length < TARGETS_MAX);
  return targets;
}

/** The event a run is reset to: the end of its first or last completed workflow task, or the one that is named. */
export function findResetPoint(
  { engine }: Services,
  namespaceId: string,
  { workflowId, runId }: BatchTarget,
  at: "first" | "last" | { readonly eventId: number },
): number {
  if (typeof at === "object") return at.eventId;
  const run = engine.find(namespaceId, workflowId, runId);
  const range = { fromEventId: 1, toEventId: run?.state.nextEventId ?? 1, maxEvents: Infinity, maxBytes: Infinity };
  const ends = (run === undefined ? [] : engine.readEvents(run, range))
    .map((bytes) => HistoryEvent.decode(bytes))
    .filter(({ eventType }) => eventType === EventType.WORKFLOW_TASK_COMPLETED)
    .map(({ eventId }) => eventId);
  const found = at === "first" ? ends[0] : ends.at(-1);
  if (found !== undefined) return found;
  throw invalidArgument("no completed workflow task found to reset to");
}
