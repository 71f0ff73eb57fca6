import type { WorkflowIDConflictPolicy } from "../core/options/id-policies.ts";
import type { ClassOf, Instance, WithArgs, WorkflowArgs } from "../workflow/types.ts";
import { ClientUsageError } from "./client-error.ts";
import type { UntypedWorkflow } from "./handle-types.ts";
import type { WorkflowOptions } from "./start-options.ts";
import type { WorkflowHandle } from "./workflow-handle.ts";
import type { NamedWorkflow } from "./workflow-type.ts";
import { nameWorkflow } from "./workflow-type.ts";
import type { UpdateOptions } from "./workflow-handle.ts";

/** How the workflow of an update with start is started. */
export type WithStartOptions = WorkflowOptions & {
  /** What becomes of the start if a workflow of that id runs; the update goes to that one with `useExisting`. */
  readonly idConflictPolicy: Exclude<WorkflowIDConflictPolicy, "unspecified">;
};

/** The start of a workflow that goes together with an update. It can be used once. */
export class WithStartWorkflowOperation<I extends Instance = UntypedWorkflow> {
  readonly workflow: NamedWorkflow;
  readonly args: readonly unknown[];
  readonly options: WithStartOptions;
  readonly #handle: Promise<WorkflowHandle<I>>;
  #resolve!: (handle: WorkflowHandle<I>) => void;
  #reject!: (error: unknown) => void;
  #used = false;

  constructor(
    workflow: ClassOf<I> | string,
    options: WithStartOptions &
      (I extends UntypedWorkflow ? { readonly args?: readonly unknown[] } : WithArgs<WorkflowArgs<I>>),
  ) {
    const { idConflictPolicy }: { readonly idConflictPolicy?: string } = options;
    if (idConflictPolicy === undefined || idConflictPolicy === "unspecified") {
      throw new ClientUsageError(
        `Cannot start workflow "${options.id}" with an update: its idConflictPolicy is ${idConflictPolicy ?? "missing"}, expected one of fail, useExisting, terminateExisting`,
      );
    }
    this.workflow = nameWorkflow(workflow);
    this.args = options.args ?? [];
    this.options = options;
    this.#handle = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Whoever does not ask for the handle learns of the failure from the update.
    this.#handle.catch(() => {});
  }

  /** The workflow, once it is known to run. Rejects if it could not be started. */
  workflowHandle(): Promise<WorkflowHandle<I>> {
    return this.#handle;
  }

  /** Clients call this once before they use the operation. @throws {ClientUsageError} The second time. */
  use(): {
    readonly resolve: (handle: WorkflowHandle<I>) => void;
    readonly reject: (error: unknown) => void;
  } {
    if (this.#used) {
      throw new ClientUsageError(
        `Cannot start workflow "${this.options.id}" with an update: the operation was used already, make a new one`,
      );
    }
    this.#used = true;
    return { resolve: this.#resolve, reject: this.#reject };
  }
}

/** What an update with start is sent with. */
export interface UpdateWithStartOptions<I extends Instance> extends UpdateOptions {
  /** The workflow that the update is for, and how it is started. */
  readonly startWorkflowOperation: WithStartWorkflowOperation<I>;
}
