import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { Outbox } from "./thread-message.ts";

function recorded(): { readonly outbox: Outbox<number>; readonly sent: number[][] } {
  const sent: number[][] = [];
  return { outbox: new Outbox<number>({ postMessage: (messages: number[]) => void sent.push(messages) }), sent };
}

test("what one turn posts, over microtasks too, goes out as one message", async () => {
  const { outbox, sent } = recorded();
  outbox.post(1);
  await Promise.resolve();
  outbox.post(2);
  expect(sent).toEqual([]);
  await nextTurn();
  outbox.post(3);
  await nextTurn();
  expect(sent).toEqual([[1, 2], [3]]);
});

test("a turn that posts much sends part of it at once, in order", async () => {
  const { outbox, sent } = recorded();
  for (let message = 0; message < 40; message++) outbox.post(message);
  expect(sent.length).toBeGreaterThan(0);
  await nextTurn();
  expect(sent.flat()).toEqual(Array.from({ length: 40 }, (_, message) => message));
});

test("a flush sends at once and only once", async () => {
  const { outbox, sent } = recorded();
  outbox.post(1);
  outbox.flush();
  await nextTurn();
  expect(sent).toEqual([[1]]);
});
