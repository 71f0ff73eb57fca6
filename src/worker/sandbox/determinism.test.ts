import { afterEach, expect, test } from "vitest";
import { initialize, resultOf, Trial } from "./sandbox.test-support.ts";

const timeZone = process.env["TZ"];
afterEach(() => {
  if (timeZone === undefined) delete process.env["TZ"];
  else process.env["TZ"] = timeZone;
});

async function trialOf(body: string, before = ""): Promise<Trial> {
  return Trial.of({
    "workflows.ts": `
      import * as workflow from "perdure/workflow";
      ${before}
      @workflow.defn() class Trial { @workflow.run async run(arg: any): Promise<unknown> { ${body} } }`,
  });
}

test("random values are those of the run's seed, in every replay", async () => {
  const trial = await trialOf(
    "return [Math.random(), crypto.randomUUID(), [...crypto.getRandomValues(new Uint8Array(5))], atLoad];",
    "const atLoad = [Math.random(), crypto.randomUUID()];",
  );
  const first = trial.run("Trial", [], "7");
  expect(trial.run("Trial", [], "7")).toEqual(first);
  expect(trial.run("Trial", [], "8")).not.toEqual(first);
  const [random, uuid, bytes] = first as [number, string, number[]];
  expect(random).toBeGreaterThanOrEqual(0);
  expect(random).toBeLessThan(1);
  expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(bytes).toHaveLength(5);
});

test("the time is that of the workflow task, and at the module's top level that of the workflow's start", async () => {
  const trial = await trialOf(
    "const times = [Date.now(), new Date().getTime(), performance.now(), Date.parse(Date()), loadedAt]; await workflow.sleep(5000); return [...times, Date.now(), new Date(Date.now()).toISOString()];",
    "const loadedAt = Date.now();",
  );
  const run = trial.instantiate("Trial");
  const startMs = Date.UTC(2024, 1, 29, 12, 30);
  run.activate([initialize("Trial")], startMs + 1_000);
  const result = run.result([{ kind: "fireTimer", seq: 1 }], startMs + 7_000);
  const nowMs = startMs + 1_000;
  expect(result).toEqual([nowMs, nowMs, 1_000, nowMs, startMs, startMs + 7_000, "2024-02-29T12:30:07.000Z"]);
});

test.each(["UTC", "Asia/Tokyo", "America/St_Johns"])("local time is UTC on a host in %s", async (zone) => {
  process.env["TZ"] = zone;
  const trial = await trialOf(`
    const date = new Date(2024, 1, 3, 4, 5, 6, 7);
    const changed = new Date(0); changed.setHours(5, 6); changed.setFullYear(2001);
    return [
      date.toISOString(), date.toString(), date.toDateString(), date.toTimeString(), String(date), date + "",
      date.getHours(), date.getDay(), date.getTimezoneOffset(), (date as any).getYear(), changed.toISOString(),
      new Date("2024-02-03T04:05:06").toISOString(), new Date("2024-02-03").toISOString(), new Date("Feb 3, 2024 04:05").toISOString(),
      new Date("2024-02-03T04:05:06+09:00").toISOString(), new Date(date).toISOString(), new Date(5).getTime(),
      String(new Date(NaN)), new Date(NaN).getTimezoneOffset(), Date.UTC(2024, 0), date instanceof Date, date.constructor === Date, Date.length, Date.name,
      new (class Own extends Date { twice() { return this.getTime() * 2; } })(4).twice(),
    ];`);
  expect(trial.run("Trial")).toEqual([
    "2024-02-03T04:05:06.007Z",
    ...[
      "Sat Feb 03 2024 04:05:06 GMT+0000 (Coordinated Universal Time)",
      "Sat Feb 03 2024",
      "04:05:06 GMT+0000 (Coordinated Universal Time)",
    ],
    ...[
      "Sat Feb 03 2024 04:05:06 GMT+0000 (Coordinated Universal Time)",
      "Sat Feb 03 2024 04:05:06 GMT+0000 (Coordinated Universal Time)",
    ],
    ...[4, 6, 0, 124, "2001-01-01T05:06:00.000Z"],
    ...["2024-02-03T04:05:06.000Z", "2024-02-03T00:00:00.000Z", "2024-02-03T04:05:00.000Z"],
    ...["2024-02-02T19:05:06.000Z", "2024-02-03T04:05:06.007Z", 5],
    ...["Invalid Date", null, Date.UTC(2024, 0), true, true, 7, "Date", 8],
  ]);
});

test("texts for people are English and in UTC unless the code says otherwise", async () => {
  process.env["TZ"] = "Asia/Tokyo";
  const trial = await trialOf(`
    const date = new Date(0);
    return [
      date.toLocaleString(), date.toLocaleDateString(), date.toLocaleTimeString(), date.toLocaleString("de-DE", { timeZone: "Asia/Tokyo" }),
      (1234.5).toLocaleString(), (1234.5).toLocaleString("de-DE"), [1234.5].toLocaleString(), 1234n.toLocaleString(),
      new Intl.DateTimeFormat().format(date), new Intl.DateTimeFormat("en-US", { timeStyle: "short" }).format(), new Intl.NumberFormat().resolvedOptions().locale,
      Intl.DateTimeFormat().resolvedOptions().timeZone, "a".localeCompare("B"), "I".toLocaleLowerCase(), new Intl.DateTimeFormat() instanceof Intl.DateTimeFormat,
      ["b", "a"].sort(new Intl.Collator().compare).join(""),
    ].map((value) => typeof value === "string" ? value.replaceAll("\\u202f", " ") : value);`);
  expect(trial.run("Trial")).toEqual([
    ...["1/1/1970, 12:00:00 AM", "1/1/1970", "12:00:00 AM", "1.1.1970, 09:00:00"],
    ...["1,234.5", "1.234,5", "1,234.5", "1,234"],
    ...["1/1/1970", "12:30 PM", "en-US", "UTC", -1, "i", true, "ab"],
  ]);
});

test("what depends on garbage collection, threads, the network or the process is not there", async () => {
  const names = [
    "WeakRef",
    "FinalizationRegistry",
    "SharedArrayBuffer",
    "Atomics",
    "WebAssembly",
    "fetch",
    "process",
    "Buffer",
    "setImmediate",
    "navigator",
  ];
  const trial = await trialOf(
    `return [${names.map((name) => `typeof ${name}, typeof (globalThis as any).${name}`).join(", ")}];`,
  );
  expect(trial.run("Trial")).toEqual(names.flatMap(() => ["undefined", "undefined"]));
});

test.each([
  [
    "return process.cwd();",
    `"process" is not there in workflow code, pass what the workflow needs as an argument, or read it in an activity`,
  ],
  ["return fetch('http://localhost');", `"fetch" is not there in workflow code, do network calls in an activity`],
  ["return globalThis.fetch('http://localhost');", `"fetch" is not there in workflow code`],
  ["return new WeakRef({});", `"WeakRef" is not there in workflow code`],
  ["return Buffer.from('a');", `"Buffer" is not there in workflow code, use Uint8Array`],
  ["const { env } = process; return env;", `"process" is not there in workflow code`],
])("using what is not there says what to do: %s", async (body, advice) => {
  expect((await trialOf(body)).failure("Trial")).toContain(advice);
});

test("an error that only resembles the use of a missing global gets no advice", async () => {
  const trial = await trialOf(
    "if (typeof process === 'undefined') { const none: any = undefined; return new Map().get('fetch').run(none); }",
  );
  expect(trial.failure("Trial")).toContain("Cannot read properties of undefined");
  expect((await trialOf("throw new Error('fetch is not allowed today')")).failure("Trial")).toBe(
    "fetch is not allowed today",
  );
});

test("restrictions can be lifted for a block of code", async () => {
  const trial = await trialOf(`
    const inside = workflow.unsafe.sandboxUnrestricted(() => process.version);
    return [inside, typeof process];`);
  expect(trial.run("Trial")).toEqual([process.version, "undefined"]);
});

test("timers and output of module-level code are left out, for it is evaluated for every run", async () => {
  const trial = await trialOf(
    "console.log('run', { a: 1 }); return fired;",
    "let fired = false; console.log('loaded'); setTimeout(() => { fired = true; }, 1); const stop = setInterval(() => {}, 1); clearInterval(stop);",
  );
  const run = trial.instantiate("Trial");
  expect(resultOf(run.activate([initialize("Trial")]))).toBe(false);
  expect(run.lines).toEqual([`info run {"a":1}`]);
});

test("where the engine has Temporal, its clock is the workflow's and its zone is UTC", async () => {
  const trial = await trialOf(
    `const { Temporal } = globalThis as any;
      if (Temporal === undefined) return "none";
      return [Temporal.Now.instant().epochMilliseconds === Date.now(), Temporal.Now.timeZoneId(), Temporal.Now.plainDateISO().toString()];`,
  );
  const hasTemporal = "Temporal" in globalThis;
  expect(trial.run("Trial")).toEqual(hasTemporal ? [true, "UTC", "2024-02-29"] : "none");
});
