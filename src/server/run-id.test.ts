import { expect, test } from "vitest";
import { VirtualClock } from "../core/time/virtual-clock.ts";
import { createIdSource } from "./run-id.ts";

test("ids are UUIDs of version 7 that begin with the time", () => {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1));
  const newId = createIdSource(clock);
  const ids = Array.from({ length: 2_000 }, newId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) {
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16)).toBe(clock.now());
  }
});
