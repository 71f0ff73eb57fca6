import { expect, test } from "vitest";
import { silentLogger } from "../core/telemetry/logger.ts";
import { readSettings } from "./settings.ts";

test("keys of the service change what they name, whatever their case", () => {
  const settings = readSettings(
    {
      "limit.historyCount.suggestContinueAsNew": "50",
      "LIMIT.NUMPENDINGACTIVITIES.ERROR": 3,
      "matching.longPollExpirationInterval": "2s",
      "system.enableEagerWorkflowStart": "false",
      "system.enableActivityEagerExecution": false,
    },
    silentLogger,
  );
  expect(settings.limits.historyCountSuggestContinueAsNew).toBe(50);
  expect(settings.limits.pendingActivitiesMax).toBe(3);
  expect(settings.taskPollMs).toBe(2_000);
  expect(settings.eagerWorkflowStart).toBe(false);
  expect(settings.limits.eagerActivities).toBe(false);
});

test.each([
  [10, 10_000],
  ["10", 10_000],
  ["1.5s", 1_500],
  ["1h30m", 5_400_000],
  ["2d", 172_800_000],
])("a length of time of %j is %d ms", (value, ms) => {
  const config = { "matching.wv.VersionDrainageStatusVisibilityGracePeriod": value };
  expect(readSettings(config, silentLogger).drainageGraceMs).toBe(ms);
});

test("settings of circuit breakers are read as the service reads them", () => {
  const read = (text: string): unknown =>
    readSettings({ "history.outboundQueue.circuitBreakerSettings": text }, silentLogger).nexus.breakers;
  expect(read("{}")).toEqual({ probesMax: 1, forgetAfterMs: 0, openMs: 60_000 });
  expect(read('{"MaxRequests":3,"interval":2,"Timeout":"1m30s"}')).toEqual({
    probesMax: 3,
    forgetAfterMs: 2_000,
    openMs: 90_000,
  });
});

test("waits between attempts of standalone Nexus operations are their own", () => {
  const read = (config: Record<string, string>): unknown => readSettings(config, silentLogger).nexus.standaloneRetry;
  const usual = { retryInitialIntervalMs: 1_000, retryMaximumIntervalMs: 3_600_000 };
  expect(read({ "component.nexusoperations.retryPolicy.initialInterval": "5s" })).toEqual(usual);
  expect(read({ "nexusoperation.retryPolicy": '{"InitialInterval":"2s","MaxInterval":60}' })).toEqual({
    retryInitialIntervalMs: 2_000,
    retryMaximumIntervalMs: 60_000,
  });
});

test("an unknown key is named in a warning, a switch that is always on here is not", () => {
  const warnings: string[] = [];
  const logger = { ...silentLogger, warn: (message: string) => void warnings.push(message) };
  readSettings({ "some.key": 1, "frontend.enableExecuteMultiOperation": true }, logger);
  expect(warnings).toEqual(['dynamic config key "some.key" is not known here and has no effect']);
});

test("a value that cannot be read is refused", () => {
  expect(() => readSettings({ "limit.maxIDLength": "many" }, silentLogger)).toThrow(/limit\.maxIDLength.*many/);
  expect(() => readSettings({ "limit.maxIDLength": "2s" }, silentLogger)).toThrow(/wanted a number$/);
  expect(() => readSettings({ "activity.longPollTimeout": true }, silentLogger)).toThrow(
    /wanted seconds or a duration/,
  );
});
