import type { ActivationJob } from "../../core/replay/activation.ts";
import type { Payload } from "../../proto/gen/common.ts";
import { callThrough, type HandleQueryInput } from "../interceptors.ts";
import { WorkflowUsageError } from "../workflow-error.ts";
import { systemQueries } from "./system-queries.ts";
import { inFrame } from "./current.ts";
import { toFailure } from "./failures.ts";
import { bind, handlerFrame, withName } from "./handlers.ts";
import type { Run } from "./run.ts";
import { toHandlerArguments, toPayload } from "./top-level.ts";

type QueryJob = Extract<ActivationJob, { kind: "queryWorkflow" }>;

/** Answers a query. */
export function applyQuery(run: Run, job: QueryJob): void {
  let answer: unknown;
  try {
    const system = systemQueries.get(job.queryType);
    if (system !== undefined) return succeed(run, job.queryId, system(run));
    answer = inFrame(handlerFrame(run, undefined), () => callHandler(run, job));
  } catch (error) {
    return refuse(run, job.queryId, error);
  }
  if (!isThenable(answer)) return succeedWith(run, job.queryId, answer);
  // Only a handler written without types gets here; waiting for the service would never end.
  Promise.resolve(answer)
    .then((value) => succeedWith(run, job.queryId, value))
    .catch((error: unknown) => refuse(run, job.queryId, error));
}

function callHandler(run: Run, job: QueryJob): unknown {
  const handler = run.queries.find(job.queryType);
  if (handler === undefined) {
    const known = [...run.queries.names(), ...systemQueries.keys()].toSorted().join(" ");
    throw new WorkflowUsageError(
      `Query handler for '${job.queryType}' expected but not found, known queries: [${known}]`,
    );
  }
  const args = toHandlerArguments(run, job.args, "query", handler);
  const input: HandleQueryInput = {
    id: job.queryId,
    query: job.queryType,
    args: withName(handler, job.queryType, args),
    headers: job.headers,
  };
  return callThrough(run.inbound, "handleQuery", input, (current) => bind(run, handler.target)(...current.args));
}

function succeedWith(run: Run, queryId: string, answer: unknown): void {
  let response: Payload;
  try {
    response = toPayload(run, answer);
  } catch (error) {
    return refuse(run, queryId, error);
  }
  return succeed(run, queryId, response);
}

function succeed(run: Run, queryId: string, response: Payload): void {
  run.push({ kind: "respondToQuery", queryId, result: { status: "succeeded", response } });
}

function refuse(run: Run, queryId: string, error: unknown): void {
  run.push({ kind: "respondToQuery", queryId, result: { status: "failed", failure: toFailure(run, error) } });
}

function isThenable(value: unknown): boolean {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
