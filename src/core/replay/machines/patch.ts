import { CommandType, EventType } from "../../../proto/gen/enums.ts";
import type { HistoryEvent } from "../../../proto/gen/history.ts";
import { type Machine, step, to } from "../../machine.ts";
import { toJsonPayload, toUtf8 } from "../json-payload.ts";
import { PATCH_MARKER, type PatchMarker, readPatchMarker, toPatchDetails } from "../markers.ts";
import { newMismatch } from "../mismatch.ts";
import { issue, type RunState, type Track } from "../run-state.ts";
import { CoreFlag } from "../sdk-flags.ts";
import { RecordedCommandTrack } from "./recorded-command.ts";

/** Search attribute that lists a run's patches. */
export const CHANGE_VERSION_ATTRIBUTE = "TemporalChangeVersion";
/** The server refuses search attributes beyond this; a longer list of patches is not upserted. */
const searchAttributeBytesMax = 2048;

export type PatchState = "marked" | "recorded";
export type PatchInput = { readonly kind: "markerRecorded" };

/**
 * One patch call of the code, whose marker tells replay which way the code went.
 *
 * Whether code and history must agree depends on more than one patch's state (a deprecated marker may stay without a
 * call, a call in replay without a marker), so that the queue of commands decides that before this table is asked.
 */
export const patchMachine: Machine<PatchState, PatchInput, never> = {
  name: "patch",
  table: {
    marked: { markerRecorded: () => to("recorded") },
    recorded: {},
  },
};

/** One patch of a run. */
export class PatchTrack implements Track {
  readonly #patchId: string;
  #state: PatchState = "marked";
  readonly isDropped = false;
  readonly isOpen = false;

  constructor(patchId: string) {
    this.#patchId = patchId;
  }

  /** Records a patch, once for a run. */
  static mark(run: RunState, patch: PatchMarker): void {
    const { patchId } = patch;
    const known = run.patches.get(patchId);
    if (known?.isIssued === true) return;
    const others = [...run.patches].filter(([, { isIssued }]) => isIssued).map(([id]) => id);
    const upserts =
      run.flags.use(CoreFlag.upsertOnPatch, !run.isReplaying) && (!run.isReplaying || known !== undefined);
    run.patches.set(patchId, { isIssued: true });
    issue(run, {
      track: new PatchTrack(patchId),
      eventType: EventType.MARKER_RECORDED,
      label: { kind: "setPatchMarker", id: patchId },
      patchId,
      command: {
        commandType: CommandType.RECORD_MARKER,
        attributes: {
          case: "recordMarkerCommandAttributes",
          value: { markerName: PATCH_MARKER, details: toPatchDetails(patch) },
        },
      },
    });
    if (upserts) upsertPatches(run, [...others, patchId]);
  }

  onEvent(event: HistoryEvent): void {
    const marker = readPatchMarker(event);
    if (marker === undefined || marker.patchId !== this.#patchId)
      throw newMismatch(
        "differentId",
        event,
        { kind: "setPatchMarker", id: this.#patchId },
        `history has ${marker === undefined ? "another marker" : `patch "${marker.patchId}"`}, the code called patch "${this.#patchId}"`,
      );
    this.#state = step(patchMachine, this.#state, { kind: "markerRecorded" }).state;
  }
}

function upsertPatches(run: RunState, patchIds: readonly string[]): void {
  const payload = toJsonPayload(patchIds.toSorted((a, b) => (a < b ? -1 : 1)));
  if (payload.data.length >= searchAttributeBytesMax) return;
  const listed = { ...payload, metadata: { ...payload.metadata, type: toUtf8("KeywordList") } };
  RecordedCommandTrack.upsertSearchAttributes(run, { [CHANGE_VERSION_ATTRIBUTE]: listed }, "setPatchMarker");
}
