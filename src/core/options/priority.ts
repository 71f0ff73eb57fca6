import type { Priority as PriorityMessage } from "../../proto/gen/common.ts";
import { TemporalError } from "../errors.ts";

/** Which of the tasks that wait in a task queue goes first. What is absent is inherited from the calling workflow. */
export interface Priority {
  /** 1 is the most urgent; the service's default range ends at 5. @default 3 */
  readonly priorityKey?: number | undefined;
  /** Tasks of different keys, such as tenants, get their share each. At most 64 bytes. @default "" */
  readonly fairnessKey?: string | undefined;
  /** Share of this key relative to others; the service keeps it between 0.001 and 1000. @default 1 */
  readonly fairnessWeight?: number | undefined;
}

/** A priority that cannot be. */
export class PriorityError extends TemporalError {
  static override readonly code: string = "TEMPORAL_PRIORITY";
  override readonly name = "PriorityError";
}

/**
 * The priority as a message; zero and empty mean absent.
 *
 * @throws {PriorityError} If the key is no positive whole number.
 */
export function toPriorityMessage(priority: Priority): PriorityMessage {
  const { priorityKey } = priority;
  if (priorityKey !== undefined && (!Number.isInteger(priorityKey) || priorityKey < 1)) {
    throw new PriorityError(`Cannot use priority: found priorityKey ${priorityKey}, expected a whole number from 1 up`);
  }
  return {
    priorityKey: priorityKey ?? 0,
    fairnessKey: priority.fairnessKey ?? "",
    fairnessWeight: priority.fairnessWeight ?? 0,
  };
}

/** The priority of a message. */
export function fromPriorityMessage(message: PriorityMessage | undefined): Priority {
  return {
    priorityKey: message?.priorityKey || undefined,
    fairnessKey: message?.fairnessKey || undefined,
    fairnessWeight: message?.fairnessWeight || undefined,
  };
}
