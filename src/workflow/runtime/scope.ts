import type { CancelledError } from "../../payload/failure-error.ts";

/** Something that a scope can cancel. */
export interface Cancellable {
  cancel(error: CancelledError): void;
}

/** What is cancelled together. The bookkeeping below `CancellationScope`. */
export class Scope implements Cancellable {
  readonly cancellable: boolean;
  readonly #parent: Scope | undefined;
  /** In the order in which they were started, which is the order in which they are cancelled. */
  #members: Set<Cancellable> | undefined;
  #runningCount = 0;
  #undelivered: CancelledError | undefined;
  #isCancelRequested = false;

  constructor(parent: Scope | undefined, cancellable: boolean) {
    this.#parent = parent;
    this.cancellable = cancellable;
  }

  /** Whether it was ever cancelled. */
  get isCancelRequested(): boolean {
    return this.#isCancelRequested;
  }

  /** Tells all members, or else keeps the error for the next thing that is started. */
  cancel(error: CancelledError): void {
    this.#isCancelRequested = true;
    const members = [...(this.#members ?? [])];
    if (members.length === 0) this.#undelivered = error;
    for (const member of members) member.cancel(error);
  }

  /** Takes in what the scope is to cancel. */
  add(member: Cancellable): void {
    this.#members ??= new Set();
    this.#members.add(member);
    this.#updateMembership();
  }

  /** Lets go of what has ended. */
  remove(member: Cancellable): void {
    if (this.#members?.delete(member) !== true || this.#members.size > 0) return;
    // Most scopes wait for one thing at a time; an empty set would outlive it.
    this.#members = undefined;
    this.#updateMembership();
  }

  /** The cancellation that has reached nothing yet, which the caller then has to throw. */
  takeUndelivered(): CancelledError | undefined {
    const error = this.#undelivered;
    this.#undelivered = undefined;
    return error;
  }

  /** Code begins to run in the scope. */
  enter(): void {
    this.#runningCount++;
    this.#updateMembership();
  }

  /** Code that ran in the scope has ended. */
  leave(): void {
    this.#runningCount--;
    this.#updateMembership();
  }

  /** The scope around this one knows of it only while there may be something to cancel. */
  #updateMembership(): void {
    if (!this.cancellable || this.#parent === undefined) return;
    if (this.#runningCount > 0 || this.#members !== undefined) this.#parent.add(this);
    else this.#parent.remove(this);
  }
}
