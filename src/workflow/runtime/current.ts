import type { ContextStorage } from "../host.ts";
import { NotInWorkflowError } from "../workflow-error.ts";
import type { Frame, Run } from "./run.ts";

/**
 * Which run the code that asks belongs to.
 *
 * Two things tell. The storage carries a frame along the run's own asynchronous code, which holds even where runs take
 * turns in one microtask queue; the cell says whose activation is being applied, which covers code that lost its frame.
 * A frame whose run is not being activated counts for nothing: a host's promise has woken code it must not wake.
 */
const cell: { run: Run | undefined; storage: ContextStorage | undefined } = { run: undefined, storage: undefined };

/** Sets the run whose activation is being applied. */
export function setCurrentRun(run: Run | undefined): void {
  cell.run = run;
  if (run !== undefined) cell.storage = run.host.context;
}

/** The frame of the code that asks, if it belongs to a run that is being activated. */
export function maybeCurrentFrame(): Frame | undefined {
  const frame = cell.storage?.getStore() as Frame | undefined;
  return frame?.run.isActivated === true ? frame : cell.run?.rootFrame;
}

/**
 * The frame of the code that asks.
 *
 * @throws {NotInWorkflowError} If it belongs to no run that is being activated.
 */
export function currentFrame(action: string): Frame {
  const frame = maybeCurrentFrame();
  if (frame === undefined) throw new NotInWorkflowError(action);
  return frame;
}

/** The run of the code that asks, if it is being activated. */
export function maybeCurrentRun(): Run | undefined {
  return maybeCurrentFrame()?.run;
}

/** As {@link currentFrame}, without the frame. */
export function currentRun(action: string): Run {
  return currentFrame(action).run;
}

/** The run of the code that asks, for what it may do only outside of queries and validators. */
export function writableFrame(action: string): Frame {
  const frame = currentFrame(action);
  frame.run.assertWritable(action);
  return frame;
}

/** Runs code with a frame that its continuations keep. */
export function inFrame<T>(frame: Frame, code: () => T): T {
  return frame.run.host.context.run(frame, code);
}

/** The run that a value of the host's context storage belongs to, even when it is not being activated. */
export function runOfContext(value: unknown): Run | undefined {
  return (value as Partial<Frame> | undefined)?.run;
}
