import { expect, test } from "vitest";
import { VirtualClock } from "../core/time/virtual-clock.ts";
import { RPCError } from "../rpc/rpc-error.ts";
import { RPCStatusCode } from "../rpc/status.ts";
import type { PublishInput } from "../workflow/streams.ts";
import { StreamPublisher, type StreamPublisherOptions } from "./stream-publisher.ts";

interface Scripted {
  readonly publisher: StreamPublisher;
  readonly clock: VirtualClock;
  readonly sent: PublishInput[];
  /** What the next tries meet; undefined succeeds. */
  readonly errors: (Error | undefined)[];
  publish(topic: string, isUrgent?: boolean): void;
  settle(): Promise<void>;
}

function scripted(options: Partial<StreamPublisherOptions> = {}): Scripted {
  const clock = new VirtualClock(0);
  const sent: PublishInput[] = [];
  const errors: (Error | undefined)[] = [];
  const publisher = new StreamPublisher({
    publisherId: "me",
    clock,
    batchIntervalMs: 1_000,
    maxBatchSize: undefined,
    maxRetryDurationMs: 10_000,
    async send(input) {
      sent.push(input);
      const error = errors.shift();
      if (error !== undefined) throw error;
    },
    ...options,
  });
  return {
    publisher,
    clock,
    sent,
    errors,
    publish: (topic, isUrgent = false) => publisher.publish({ topic, data: "" }, isUrgent),
    async settle() {
      for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    },
  };
}

const unavailable = new RPCError(RPCStatusCode.UNAVAILABLE, "away");
const topicsOf = (inputs: readonly PublishInput[]): string[] =>
  inputs.map(({ items, sequence }) => `${sequence}:${items.map(({ topic }) => topic).join("")}`);

test("a batch that could not be sent is sent again, as it was, before what came later", async () => {
  const { clock, sent, errors, publish, settle, publisher } = scripted();
  errors.push(unavailable, unavailable);
  publish("a");
  clock.advanceBy(1_000);
  await settle();
  publish("b");
  clock.advanceBy(1_000);
  await settle();
  clock.advanceBy(1_000);
  await settle();
  expect(topicsOf(sent)).toEqual(["1:a", "1:a", "1:a", "2:b"]);
  await publisher.close();
});

test("a batch is dropped when it could not be sent for too long, and its number is not used again", async () => {
  const { clock, sent, errors, publish, settle, publisher } = scripted({ maxRetryDurationMs: 1_500 });
  errors.push(unavailable, unavailable);
  publish("a");
  for (let turn = 0; turn < 4; turn++) {
    clock.advanceBy(1_000);
    await settle();
  }
  publish("b");
  await expect(publisher.flush()).rejects.toMatchObject({
    code: "TEMPORAL_WORKFLOW_STREAM",
    message: expect.stringContaining("Cannot publish 1 items: they could not be sent within 1500 ms") as string,
  });
  await publisher.close();
  expect(topicsOf(sent)).toEqual(["1:a", "1:a", "2:b"]);
});

test("an error that does not pass reaches whoever flushes next, once, and the batch is kept", async () => {
  const { clock, sent, errors, publish, settle, publisher } = scripted();
  errors.push(new RPCError(RPCStatusCode.NOT_FOUND, "no such workflow"));
  publish("a");
  clock.advanceBy(1_000);
  await settle();
  await expect(publisher.flush()).rejects.toThrow("no such workflow");
  await publisher.flush();
  expect(topicsOf(sent)).toEqual(["1:a", "1:a"]);
});

test("an error of a flush is that flush's alone", async () => {
  const { errors, publish, publisher, sent } = scripted();
  errors.push(unavailable);
  publish("a");
  await expect(publisher.flush()).rejects.toBe(unavailable);
  await publisher.close();
  expect(topicsOf(sent)).toEqual(["1:a", "1:a"]);
});

test("a full batch goes at once, and what is urgent with all that waits", async () => {
  const { publish, settle, sent, publisher } = scripted({ maxBatchSize: 2 });
  for (const topic of "abcde") publish(topic);
  await settle();
  publish("f", true);
  publish("g");
  await settle();
  await publisher.close();
  expect(topicsOf(sent)).toEqual(["1:ab", "2:cd", "3:e", "4:fg"]);
});

test("a batch holds no more than a signal takes, and no more may wait than fits in memory", async () => {
  const { publisher, sent } = scripted();
  const data = "x".repeat(600_000);
  for (let item = 0; item < 3; item++) publisher.publish({ topic: "t", data }, false);
  await publisher.flush();
  expect(sent.map(({ items }) => items.length)).toEqual([1, 1, 1]);
  const huge = "x".repeat(40 * 1024 * 1024);
  publisher.publish({ topic: "t", data: huge }, false);
  expect(() => publisher.publish({ topic: "t", data: huge }, false)).toThrow(
    /would wait to be sent, limit is 67108864/,
  );
  await publisher.close();
});
