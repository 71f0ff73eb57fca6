import type { Http2Session } from "node:http2";
import type { CancelTimer } from "../core/time/clock.ts";
import { onceInBackground, repeatInBackground } from "./host-clock.ts";

/** When and how long a connection is probed with pings. */
export interface KeepAliveConfig {
  /** Time between pings, in milliseconds. @default 30000 */
  readonly intervalMs?: number;
  /** Time the other side has to answer one, in milliseconds, before the connection is dropped. @default 15000 */
  readonly timeoutMs?: number;
}

/** Pings the other side until it is told to stop; calls `onDead` when a ping stays unanswered. */
export function startPings(session: Http2Session, config: Required<KeepAliveConfig>, onDead: () => void): CancelTimer {
  let cancelTimeout: CancelTimer | undefined;
  const cancelInterval = repeatInBackground(config.intervalMs, () => {
    if (session.destroyed || cancelTimeout !== undefined) return;
    cancelTimeout = onceInBackground(config.timeoutMs, onDead);
    session.ping(() => {
      cancelTimeout?.();
      cancelTimeout = undefined;
    });
  });
  return () => {
    cancelInterval();
    cancelTimeout?.();
  };
}
