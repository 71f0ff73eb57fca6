import type { ActivityCancellationDetails, ActivityInfo } from "../../activity/index.ts";
import type { LogAttributes, LogLevel } from "../../core/telemetry/logger.ts";
import type { Failure } from "../../proto/gen/failure.ts";
import type { PlainError } from "../../rpc/thread-message.ts";
import type { Metadata } from "../../rpc/transport.ts";
import type { ThreadMeasurement } from "../tasks/thread-meter.ts";

/** What a thread or process for activities is started with: plain data. */
export interface PlacedInit {
  /** URL of the user's module; absent when it is part of the script. */
  readonly module: string | undefined;
  readonly namespace: string;
  readonly identity: string;
  /** Why there is no client; absent if there is one. */
  readonly clientFault: string | undefined;
  /** Somebody reads metrics. */
  readonly measures: boolean;
}

/** What the worker tells a thread or process. */
export type WorkerMessage =
  | { readonly kind: "init"; readonly init: PlacedInit }
  | {
      readonly kind: "run";
      readonly id: number;
      /** Under which the module exports the function. */
      readonly exportName: string;
      readonly args: readonly unknown[];
      readonly info: ActivityInfo;
    }
  | { readonly kind: "cancel"; readonly id: number; readonly details: ActivityCancellationDetails | undefined }
  | { readonly kind: "shutdown" }
  | { readonly kind: "callAnswered"; readonly id: number; readonly body: Uint8Array }
  | { readonly kind: "callFailed"; readonly id: number; readonly error: PlainError };

/** How an attempt ended there. */
export type PlacedEnd =
  | { readonly status: "completed"; readonly result: unknown }
  | { readonly status: "failed"; readonly failure: Failure }
  | { readonly status: "completesAsync" };

/** What a thread or process tells the worker. */
export type PlacedMessage =
  | { readonly kind: "ready" }
  | { readonly kind: "broken"; readonly reason: string }
  | { readonly kind: "ended"; readonly id: number; readonly end: PlacedEnd }
  | { readonly kind: "heartbeat"; readonly id: number; readonly details: readonly unknown[] }
  | {
      readonly kind: "log";
      readonly id: number;
      readonly level: LogLevel;
      readonly message: string;
      readonly attributes: LogAttributes;
    }
  | { readonly kind: "measured"; readonly id: number; readonly measurement: ThreadMeasurement }
  | {
      readonly kind: "call";
      readonly id: number;
      readonly path: string;
      readonly body: Uint8Array;
      readonly metadata: Metadata;
      readonly timeoutMs: number | undefined;
    };
