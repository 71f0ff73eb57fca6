import { WorkflowUsageError } from "../workflow-error.ts";
import type { Operation } from "./operation.ts";

/** A wait until something is so. */
export interface Condition {
  readonly predicate: () => boolean;
  readonly operation: Operation<void>;
  /** Called when the wait has ended by itself. */
  readonly onMet: (() => void) | undefined;
  /** Ends a wait that has no time when it is asked for the first time. @default it waits on */
  readonly onUnmet?: (() => void) | undefined;
}

/** The waits of a run, asked in their order whenever its code has nothing else to do. */
export class Conditions {
  #list: Condition[] | undefined;

  add(condition: Condition): void {
    this.#list ??= [];
    this.#list.push(condition);
  }

  remove(condition: Condition): void {
    this.#list = this.#list?.filter((other) => other !== condition);
  }

  values(): Iterable<Condition> {
    return this.#list ?? [];
  }

  /** Ends the waits that are over. True if there were any. */
  check(): boolean {
    const list = this.#list;
    if (list === undefined || list.length === 0) return false;
    // A predicate may itself start a wait, which then has its turn the next time.
    this.#list = undefined;
    const left = list.filter((condition) => !condition.operation.isEnded && !isOver(condition));
    const added: readonly Condition[] = this.#list ?? [];
    this.#list = left.length + added.length === 0 ? undefined : [...left, ...added];
    return left.length < list.length;
  }
}

function isOver({ predicate, operation, onMet, onUnmet }: Condition): boolean {
  let isMet: unknown;
  try {
    isMet = predicate();
    if (typeof isMet === "object" && isMet !== null && "then" in isMet) {
      throw new WorkflowUsageError(
        "Cannot wait for a condition: it answered with a promise, expected true or false at once",
      );
    }
  } catch (error) {
    onMet?.();
    operation.fail(error);
    return true;
  }
  if (!isMet) {
    onUnmet?.();
    return onUnmet !== undefined;
  }
  onMet?.();
  operation.complete();
  return true;
}
