import { HistoryEventFilterType } from "../../proto/gen/enums.ts";
import {
  GetWorkflowExecutionHistoryResponse,
  GetWorkflowExecutionHistoryReverseResponse,
  WorkflowService,
  type GetWorkflowExecutionHistoryRequest,
  type GetWorkflowExecutionHistoryReverseRequest,
} from "../../proto/gen/workflowservice.ts";
import type { IncomingCall } from "../../rpc/transport.ts";
import { invalidArgument } from "../failures.ts";
import { isOpen, type Run } from "../history/run.ts";
import type { Services } from "../services.ts";
import { serveBytes, type CallRow } from "./calls.ts";
import { closeEventFor } from "./followed-close.ts";
import { decodePosition, encodePosition, type HistoryPosition } from "./history-token.ts";
import { historyPollUntilMs } from "./polling.ts";
import { requireExecution, requireLive, requireNamespace, requireRun } from "./requests.ts";
import { spliceHistory } from "./splice.ts";

// Field of both responses that holds the history.
const HISTORY_FIELD = 1;
// A page is cut off here even if it may have more events, so that a response fits what clients accept.
const PAGE_BYTES_MAX = 2 * 1_024 * 1_024;

/** Reading histories. */
export function historyCalls(services: Services): readonly CallRow[] {
  const { methods } = WorkflowService;
  return [
    serveBytes(methods.GetWorkflowExecutionHistory, (request, call) => read(services, request, call)),
    serveBytes(methods.GetWorkflowExecutionHistoryReverse, (request) => readReverse(services, request)),
  ];
}

async function read(
  services: Services,
  request: GetWorkflowExecutionHistoryRequest,
  call: IncomingCall,
): Promise<Uint8Array> {
  const execution = requireExecution(request.execution);
  const namespace = requireNamespace(services, request.namespace);
  const position = requirePosition(request.nextPageToken, execution.runId);
  let run = requireRun(services, namespace, {
    workflowId: execution.workflowId,
    runId: position?.runId ?? execution.runId,
  });
  if (request.historyEventFilterType === HistoryEventFilterType.CLOSE_EVENT) {
    return readClose(services, run, request, call, position);
  }
  let { fromEventId, toEventId, open, suffix } = position ?? startPosition(run);
  if (request.waitNewEvent && open && fromEventId >= toEventId) {
    const after = fromEventId;
    run = await waitFor(services, run, call, (live) => live.state.nextEventId > after || !isOpen(live));
    ({ nextEventId: toEventId } = run.state);
    open = isOpen(run);
  }
  const events = readPage(services, run, fromEventId, toEventId, request.maximumPageSize);
  const nextEventId = fromEventId + events.length;
  const atEnd = nextEventId >= toEventId;
  // Nothing that is not durable is shown: what a crash takes back must not have been seen.
  await services.engine.durable;
  const goesOn = !atEnd || (request.waitNewEvent && open);
  return GetWorkflowExecutionHistoryResponse.encode({
    $unknown: spliceHistory(HISTORY_FIELD, atEnd ? [...events, ...suffix] : events),
    ...(goesOn
      ? {
          nextPageToken: encodePosition({
            runId: run.runId,
            fromEventId: nextEventId,
            toEventId,
            open,
            suffix: atEnd ? [] : suffix,
          }),
        }
      : {}),
  });
}

/** Waits for the run to close and answers its last event. */
async function readClose(
  services: Services,
  found: Run,
  { waitNewEvent }: GetWorkflowExecutionHistoryRequest,
  call: IncomingCall,
  position: HistoryPosition | undefined,
): Promise<Uint8Array> {
  const waits = waitNewEvent || position === undefined;
  const run = waits ? await waitFor(services, found, call, (live) => !isOpen(live)) : found;
  const { nextEventId } = run.state;
  if (!isOpen(run)) {
    const events = readPage(services, run, nextEventId - 1, nextEventId, 1).map((event) => closeEventFor(call, event));
    await services.engine.durable;
    return GetWorkflowExecutionHistoryResponse.encode({ $unknown: spliceHistory(HISTORY_FIELD, events) });
  }
  return GetWorkflowExecutionHistoryResponse.encode({
    $unknown: spliceHistory(HISTORY_FIELD, []),
    ...(waitNewEvent ? { nextPageToken: encodePosition(endPosition(run)) } : {}),
  });
}

async function readReverse(
  services: Services,
  request: GetWorkflowExecutionHistoryReverseRequest,
): Promise<Uint8Array> {
  const execution = requireExecution(request.execution);
  const namespace = requireNamespace(services, request.namespace);
  const position = requirePosition(request.nextPageToken, execution.runId);
  const run = requireRun(services, namespace, {
    workflowId: execution.workflowId,
    runId: position?.runId ?? execution.runId,
  });
  const toEventId = position?.toEventId ?? run.state.nextEventId;
  const pageSize = pageSizeOf(services, request.maximumPageSize);
  const events = [...readPage(services, run, Math.max(1, toEventId - pageSize), toEventId, pageSize)].reverse();
  // A page may have been cut off at its newer end by its bytes, which a page read backwards must not be.
  const firstEventId = Math.max(1, toEventId - pageSize);
  const complete = firstEventId + events.length === toEventId;
  const page = complete ? events : readPage(services, run, toEventId - 1, toEventId, 1);
  const reached = complete ? firstEventId : toEventId - 1;
  await services.engine.durable;
  return GetWorkflowExecutionHistoryReverseResponse.encode({
    $unknown: spliceHistory(HISTORY_FIELD, page),
    ...(reached > 1
      ? {
          nextPageToken: encodePosition({
            runId: run.runId,
            fromEventId: 1,
            toEventId: reached,
            open: false,
            suffix: [],
          }),
        }
      : {}),
  });
}

function readPage(
  services: Services,
  run: Run,
  fromEventId: number,
  toEventId: number,
  pageSize: number,
): readonly Uint8Array[] {
  if (fromEventId >= toEventId) return [];
  const maxEvents = pageSizeOf(services, pageSize);
  return services.engine.readEvents(run, { fromEventId, toEventId, maxEvents, maxBytes: PAGE_BYTES_MAX });
}

function pageSizeOf({ settings }: Services, pageSize: number): number {
  const { historyPageEventsMax } = settings;
  return pageSize <= 0 ? historyPageEventsMax : Math.min(pageSize, historyPageEventsMax);
}

/** Waits until a run is as wanted, or the time for waiting is over; answers the run as it is then. */
async function waitFor(
  services: Services,
  run: Run,
  call: IncomingCall,
  satisfied: (live: Run) => boolean,
): Promise<Run> {
  const { clock, engine } = services;
  const untilMs = historyPollUntilMs(services, call);
  let live = run;
  while (!satisfied(live) && clock.now() < untilMs && !call.signal.aborted) {
    await engine.watchers.next(run.key, call.signal, (fire) => clock.schedule(untilMs, fire));
    // The run may have been pushed out of memory and restored meanwhile.
    live = requireLive(services, run);
  }
  return live;
}

function requirePosition(token: Uint8Array, runId: string): HistoryPosition | undefined {
  if (token.length === 0) return undefined;
  const position = decodePosition(token);
  if (position === undefined) throw invalidArgument("Invalid NextPageToken.");
  if (runId !== "" && runId !== position.runId) {
    throw invalidArgument("RunId in the request does not match the NextPageToken.");
  }
  return position;
}

function startPosition(run: Run): HistoryPosition {
  return { ...endPosition(run), fromEventId: 1 };
}

function endPosition(run: Run): HistoryPosition {
  const { nextEventId } = run.state;
  return { runId: run.runId, fromEventId: nextEventId, toEventId: nextEventId, open: isOpen(run), suffix: [] };
}
