import { defaultPayloadConverter } from "../payload/default-converter.ts";
import type { EventGroupMarker } from "../proto/gen/sdk.ts";
import { withGroup } from "./runtime/active-groups.ts";
import { currentRun, inFrame, writableFrame } from "./runtime/current.ts";
import type { Frame } from "./runtime/run.ts";
import { WorkflowUsageError } from "./workflow-error.ts";
import type { EventGroup } from "./event-group.ts";

class LabelledGroup implements EventGroup {
  readonly id: string;
  readonly label: string | undefined;
  readonly #marker: EventGroupMarker;

  constructor(id: string, label: string | undefined) {
    this.id = id;
    this.label = label;
    // Not by the workflow's own converter: the web UI reads it.
    const payload = label === undefined ? undefined : defaultPayloadConverter.toPayload(label);
    this.#marker = { variant: { case: "label", value: { id, label: payload } } };
  }

  run<T>(code: () => T): T {
    return inFrame(this.addTo(writableFrame("run code in an event group")), code);
  }

  addTo(frame: Frame): Frame {
    return { ...frame, groups: withGroup(frame.groups, this.id, this.#marker) };
  }
}

/**
 * Makes a group of events: commands with the same id belong to the same group. The id is plain text in the history.
 *
 * @throws {WorkflowUsageError} If the id or the label is empty.
 */
export function createEventGroup(id: string, options: { readonly label?: string } = {}): EventGroup {
  currentRun("make an event group");
  const { label } = options;
  if (id === "") throw new WorkflowUsageError("Cannot make an event group: found an empty id, expected some text");
  if (label === "")
    throw new WorkflowUsageError(`Cannot make event group "${id}": found an empty label, expected some text or none`);
  return new LabelledGroup(id, label);
}

/** Carries out what issues a command, in groups of its own beside those of the code around it. */
export function inGroups<T>(groups: readonly EventGroup[] | undefined, code: () => T): T {
  if (groups === undefined || groups.length === 0) return code();
  let frame = writableFrame("issue a command in event groups");
  for (const group of groups) {
    if (!(group instanceof LabelledGroup))
      throw new WorkflowUsageError("Cannot use an event group: expected one that createEventGroup made");
    frame = group.addTo(frame);
  }
  return inFrame(frame, code);
}
