import type { Link, Payloads } from "../../../proto/gen/common.ts";
import type { Transition } from "../transition.ts";
import { failForClose } from "../workflow-task/end.ts";
import { closeRun } from "./close.ts";

/** Why a run ends from outside. */
export interface Termination {
  readonly reason: string;
  readonly details: Payloads | undefined;
  readonly identity: string;
  readonly links?: readonly Link[] | undefined;
}

/** Ends the run at once; it has no say in it. */
export function terminate(t: Transition, termination: Termination): void {
  failForClose(t);
  const { reason, details, identity, links } = termination;
  closeRun(
    t,
    { case: "workflowExecutionTerminatedEventAttributes", value: { reason, details, identity } },
    { links: links === undefined ? undefined : [...links] },
  );
}
