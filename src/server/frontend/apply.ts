import type { ExecutionRequest, StepReply } from "../../core/execution/contract.ts";
import type { Run } from "../history/run.ts";
import type { CommitOptions } from "../store/store.ts";
import type { Services } from "../services.ts";

/** Applies a request to a run and answers when that is durable. @throws What the run says against it. */
export async function applyRequest(
  { engine }: Services,
  run: Run,
  request: ExecutionRequest,
  options?: CommitOptions,
): Promise<StepReply> {
  const { value, committed } = engine.apply(run, request, options);
  await committed;
  if (value.error !== undefined) throw value.error;
  return value;
}
