import type { ActivityOptions } from "../../proto/gen/activity.ts";
import type { Callback, Link, Priority, TimeSkippingConfig } from "../../proto/gen/common.ts";
import type { HistoryEvent } from "../../proto/gen/history.ts";
import type { VersioningOverride } from "../../proto/gen/workflow.ts";
import type { EncodedEvent } from "./encoded-event.ts";

/** Which activities of a run are meant. */
export type ActivitySelector =
  | { readonly by: "id"; readonly activityId: string }
  | { readonly by: "type"; readonly activityType: string }
  | { readonly by: "all" };

/** What operators ask of a run, beside the ordinary course of things. */
export type AdministrativeRequest =
  | {
      readonly kind: "pauseActivity";
      readonly activities: ActivitySelector;
      readonly identity: string;
      readonly reason: string;
      readonly requestId: string;
    }
  | {
      readonly kind: "unpauseActivity";
      readonly activities: ActivitySelector;
      readonly resetAttempts: boolean;
      readonly resetHeartbeat: boolean;
      readonly jitterMs: number;
    }
  | {
      readonly kind: "resetActivity";
      readonly activities: ActivitySelector;
      readonly resetHeartbeat: boolean;
      readonly keepPaused: boolean;
      readonly restoreOriginalOptions: boolean;
      readonly jitterMs: number;
    }
  | {
      readonly kind: "updateActivityOptions";
      readonly activities: ActivitySelector;
      /** `paths` are those of the request's field mask, in either spelling. */
      readonly change: { readonly options: ActivityOptions; readonly paths: readonly string[] } | "restoreOriginal";
    }
  | { readonly kind: "pauseRun"; readonly identity: string; readonly reason: string; readonly requestId: string }
  | { readonly kind: "unpauseRun"; readonly identity: string; readonly reason: string; readonly requestId: string }
  /** Of a new run, instead of `start`: it begins with part of another one's history and goes on from there. */
  | {
      readonly kind: "reset";
      readonly namespace: string;
      readonly namespaceId: string;
      readonly runId: string;
      readonly baseRunId: string;
      /** Of the base run's start. */
      readonly requestId: string;
      readonly reason: string;
      /** All events of the base run before the one to which it is reset. */
      readonly events: readonly EncodedEvent[];
      /** Events of the base run, and of those it continued as, from there on; signals, updates and children's news are taken over. */
      readonly laterEvents: readonly HistoryEvent[];
      readonly excludeSignals: boolean;
      readonly excludeUpdates: boolean;
      readonly excludeNexus: boolean;
    }
  /** Of a closed run that is reset: remembers which run goes on. */
  | { readonly kind: "markReset"; readonly resetRunId: string }
  /** New options, and what callers attach who find the workflow running already. Absent means unchanged. */
  | {
      readonly kind: "updateOptions";
      readonly identity: string;
      readonly versioningOverride?: VersioningOverride | "unset";
      readonly priority?: Priority;
      readonly timeSkipping?: { readonly config: TimeSkippingConfig | undefined };
      readonly attachedRequestId?: string;
      readonly completionCallbacks?: readonly Callback[];
      readonly links?: readonly Link[];
    };
