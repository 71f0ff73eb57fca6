import type { Connection } from "../../client/index.ts";
import type { Logger } from "../../core/telemetry/logger.ts";
import { ApplicationError } from "../../payload/failure-error.ts";
import { asRPCError } from "../../rpc/rpc-error.ts";
import { toPlainError } from "../../rpc/thread-message.ts";
import type { PlacedAttempt } from "./placed-attempt.ts";
import type { PlacedInit, PlacedMessage } from "./placed-message.ts";
import { placedScript } from "./placed-script.ts";
import type { PlacedActivities } from "./placement.ts";
import { startProcess, startThread, type PoolMember } from "./pool-member.ts";

/** What a {@link MemberSlot} is made of. */
export interface MemberSlotOptions {
  readonly placed: PlacedActivities;
  readonly name: string;
  readonly init: Omit<PlacedInit, "module">;
  /** The worker's own connection at the time. */
  readonly connection: () => Pick<Connection, "callEncoded">;
  readonly logger: Logger;
  /** There is room for another attempt. */
  readonly onFree: () => void;
}

/** A thread or process, started when it is needed and again when it was lost. */
export class MemberSlot {
  readonly #options: MemberSlotOptions;
  readonly #running = new Map<number, PlacedAttempt>();
  #member: Promise<PoolMember> | undefined;
  #started: PoolMember | undefined;
  #lastId = 0;
  /** Attempts handed over, those included that wait for the start. */
  #count = 0;
  #isShuttingDown = false;
  #isStopped = false;

  constructor(options: MemberSlotOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#count;
  }

  get isStarted(): boolean {
    return this.#started !== undefined;
  }

  get hasRoom(): boolean {
    return this.#count < this.#options.placed.options.activitiesEach;
  }

  /** Starts it ahead of its first attempt; whether that works, the attempt finds out. */
  async start(): Promise<void> {
    await this.#start().catch(() => undefined);
  }

  /** Runs an attempt to its end. Never rejects. */
  async run(attempt: PlacedAttempt): Promise<void> {
    this.#count++;
    try {
      const member = this.#started ?? (await this.#start());
      this.#hand(member, attempt);
      await attempt.result;
    } catch (error) {
      // An attempt that failed by itself is settled, and this does nothing.
      attempt.fail(error instanceof Error ? error : new Error(String(error)));
    } finally {
      this.#count--;
      if (this.#count === 0) this.#started?.keepAlive(false);
      this.#options.onFree();
    }
  }

  /** Tells activities that the worker has begun to shut down. */
  tellShutdown(): void {
    this.#isShuttingDown = true;
    this.#started?.post({ kind: "shutdown" });
  }

  /** Ends it for good. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    const { place } = this.#options.placed;
    const member = this.#started ?? (await this.#member?.catch(() => undefined));
    if (member !== undefined) await this.#end(member, `the worker has ended its ${place}`);
  }

  #hand(member: PoolMember, attempt: PlacedAttempt): void {
    this.#lastId++;
    const id = this.#lastId;
    const { exportName, args, info } = attempt.options;
    member.keepAlive(true);
    member.post({ kind: "run", id, exportName, args, info });
    this.#running.set(id, attempt);
    attempt.began({
      cancel: (details) => member.post({ kind: "cancel", id, details }),
      end: () => void this.#end(member, "an activity in it did not stop when it was asked to"),
    });
  }

  #start(): Promise<PoolMember> {
    this.#member ??= this.#startMember().catch((error: unknown) => {
      this.#member = undefined;
      throw error;
    });
    return this.#member;
  }

  async #startMember(): Promise<PoolMember> {
    const { placed, name, init } = this.#options;
    const script = await placedScript(placed.module);
    if (this.#isStopped) throw this.#lost("the worker shuts down");
    const start = placed.place === "thread" ? startThread : startProcess;
    return new Promise((resolve, reject) => {
      let isReady = false;
      const member = start({
        name,
        script,
        memoryMb: placed.options.memoryMb,
        onLost: (reason) => {
          if (isReady) this.#lose(member, reason);
          else reject(this.#lost(reason));
        },
        onMessage: (message) => {
          if (message.kind === "ready") {
            isReady = true;
            this.#started = member;
            member.keepAlive(this.#count > 0);
            if (this.#isShuttingDown) member.post({ kind: "shutdown" });
            resolve(member);
          } else if (message.kind === "broken") {
            void member.end();
            reject(this.#lost(`its module cannot be loaded: ${message.reason}`));
          } else this.#receive(member, message);
        },
      });
      member.keepAlive(true);
      member.post({ kind: "init", init: { ...init, module: script.module } });
    });
  }

  #receive(member: PoolMember, message: Exclude<PlacedMessage, { kind: "ready" | "broken" }>): void {
    if (message.kind === "call") {
      void this.#call(member, message);
      return;
    }
    const attempt = this.#running.get(message.id);
    if (message.kind !== "ended") {
      attempt?.receive(message);
      return;
    }
    this.#running.delete(message.id);
    attempt?.ended(message.end);
  }

  /** Calls the service for an activity. */
  async #call(member: PoolMember, message: Extract<PlacedMessage, { kind: "call" }>): Promise<void> {
    const { id, path, metadata, timeoutMs } = message;
    try {
      const call = { path, body: new Uint8Array(message.body) };
      const body = await this.#options.connection().callEncoded(call, { metadata, timeoutMs });
      member.post({ kind: "callAnswered", id, body });
    } catch (error) {
      member.post({ kind: "callFailed", id, error: toPlainError(asRPCError(error)) });
    }
  }

  async #end(member: PoolMember, reason: string): Promise<void> {
    this.#lose(member, reason);
    await member.end();
  }

  #lose(member: PoolMember, reason: string): void {
    if (this.#started !== member) return;
    this.#started = undefined;
    this.#member = undefined;
    const attempts = [...this.#running.values()];
    this.#running.clear();
    const { logger, placed } = this.#options;
    if (!this.#isStopped || attempts.length > 0) {
      logger.warn(`Activities' ${placed.place} has ended, what ran in it fails; the next activity starts another`, {
        reason,
        activities: attempts.map(({ options }) => options.info.activityType).join(", "),
      });
    }
    for (const attempt of attempts) attempt.fail(this.#lost(reason));
  }

  #lost(reason: string): ApplicationError {
    const { place } = this.#options.placed;
    return new ApplicationError(`Cannot go on with activity: its ${place} has ended, ${reason}`, {
      type: place === "thread" ? "ActivityThreadLost" : "ActivityProcessLost",
    });
  }
}
