import * as fc from "fast-check";
import { expect, test } from "vitest";
import { History, HistoryEvent } from "../../proto/gen/history.ts";
import { GetWorkflowExecutionHistoryResponse, PollWorkflowTaskQueueResponse } from "../../proto/gen/workflowservice.ts";
import { spliceHistory } from "./splice.ts";

test("a spliced history is the bytes that an encoder would make", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(2 ** 40), { maxLength: 200 }), (ids) => {
      const events = ids.map((eventId) => HistoryEvent.create({ eventId }));
      const spliced = GetWorkflowExecutionHistoryResponse.encode({
        $unknown: spliceHistory(
          1,
          events.map((event) => HistoryEvent.encode(event)),
        ),
      });
      expect(spliced).toEqual(GetWorkflowExecutionHistoryResponse.encode({ history: { events } }));
    }),
  );
});

test("a history of many kilobytes is read back whole from a poll's answer", () => {
  const event = { eventId: 7, workerMayIgnore: true, eventType: 1 } as const;
  const bytes = HistoryEvent.encode(event);
  const answer = PollWorkflowTaskQueueResponse.encode({
    startedEventId: 9,
    $unknown: spliceHistory(
      8,
      Array.from({ length: 10_000 }, () => bytes),
    ),
  });
  const { history, startedEventId } = PollWorkflowTaskQueueResponse.decode(answer);
  expect(startedEventId).toBe(9);
  expect(history?.events.length).toBe(10_000);
  expect(history?.events.at(-1)).toEqual(HistoryEvent.create(event));
  expect(History.create({ events: [event] }).events[0]?.eventId).toBe(7);
});
