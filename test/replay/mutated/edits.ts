/** One edit of `order.workflows.ts`: what it was, and what it becomes. */
export interface Edit {
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

const reserve = `const stock = await workflow.executeActivity<string>("reserve", { ...options, args: [id] });`;
const sleep = `await workflow.sleep("1s");`;
const price = `const price = await workflow.executeLocalActivity<string>("price", { ...options, args: [id] });`;
const approved = `await workflow.waitCondition(() => this.#isApproved);`;
const memo = `workflow.upsertMemo({ discount: true });`;
const startChild = `const child = await workflow.startChildWorkflow<string>("Ship", { id: \`ship-\${id}\`, args: [id] });`;
const hurry = `await child.signal("hurry");`;
const shipped = `const shipped = await child.result();`;
const bill = `const bill = await workflow.executeActivity<string>("bill", { ...options, args: [price] });`;
const record = `await workflow.executeActivity("record", options);`;

/** Edits that a run in progress does not survive. */
export const breaking: readonly Edit[] = [
  {
    name: "an activity added first",
    from: reserve,
    to: `await workflow.executeActivity("check", options); ${reserve}`,
  },
  {
    name: "an activity added in the middle",
    from: approved,
    to: `${approved} await workflow.executeActivity("check", options);`,
  },
  { name: "an activity removed", from: reserve, to: `const stock = "";` },
  { name: "the last activity removed", from: bill, to: `const bill = "";` },
  { name: "an activity's type changed", from: `"reserve"`, to: `"hold"` },
  {
    name: "an activity's id changed",
    from: `"reserve", { ...options,`,
    to: `"reserve", { ...options, activityId: "mine",`,
  },
  {
    name: "an activity made local",
    from: `executeActivity<string>("reserve"`,
    to: `executeLocalActivity<string>("reserve"`,
  },
  {
    name: "a local activity made remote",
    from: `executeLocalActivity<string>("price"`,
    to: `executeActivity<string>("price"`,
  },
  { name: "a local activity's type changed", from: `"price", {`, to: `"cost", {` },
  { name: "a local activity removed", from: price, to: `const price = "";` },
  { name: "a local activity added", from: price, to: `${price} await workflow.executeLocalActivity("tax", options);` },
  { name: "a timer added", from: bill, to: `await workflow.sleep(1); ${bill}` },
  { name: "a timer removed", from: sleep, to: `` },
  {
    name: "a timer given up at once",
    from: sleep,
    to: `await workflow.CancellationScope.withTimeout(1, () => workflow.sleep("1s")).catch(() => 0);`,
  },
  { name: "a timer and an activity reordered", from: `${reserve}\n    ${sleep}`, to: `${sleep}\n    ${reserve}` },
  {
    name: "two steps made parallel",
    from: `${reserve}\n    ${sleep}`,
    to: `const waiting = workflow.sleep("1s"); ${reserve} await waiting;`,
  },
  { name: "a child removed", from: `${startChild}\n    ${hurry}\n    ${shipped}`, to: `const shipped = "";` },
  { name: "a child's type changed", from: `"Ship", {`, to: `"Carry", {` },
  { name: "a child's id changed", from: "id: `ship-${id}`", to: "id: `send-${id}`" },
  { name: "a signal to a child removed", from: hurry, to: `` },
  { name: "a signal to a child sent twice", from: hurry, to: `${hurry} ${hurry}` },
  { name: "a patch removed with its call", from: `if (workflow.patched("discount")) {`, to: `{` },
  { name: "a patch's id changed", from: `patched("discount")`, to: `patched("rebate")` },
  { name: "a memo no longer changed", from: memo, to: `` },
  { name: "a memo changed where it was not", from: bill, to: `workflow.upsertMemo({ late: true }); ${bill}` },
  {
    name: "search attributes changed where they were not",
    from: bill,
    to: `workflow.upsertSearchAttributes([late.valueSet(true)]); ${bill}`,
  },
  { name: "a condition dropped", from: approved, to: `` },
  { name: "a condition that is met later", from: `this.#isApproved);`, to: `this.#isApproved && this.#changes > 1);` },
  { name: "an end too early", from: bill, to: `if (id !== "") return "early"; ${bill}` },
  {
    name: "continue-as-new in place of a step",
    from: bill,
    to: `if (id !== "") workflow.continueAsNew<Order>({ args: [id] }); ${bill}`,
  },
  { name: "an update's activity removed", from: record, to: `` },
  { name: "an update's activity added", from: record, to: `${record} ${record}` },
  {
    name: "a branch on whether history is replayed",
    from: sleep,
    to: `if (workflow.unsafe.isReplaying()) ${sleep.replace("1s", "2s")} else ${sleep} ; await (workflow.unsafe.isReplaying() ? workflow.sleep(5) : undefined);`,
  },
];

/** Edits that change nothing that history holds. */
export const harmless: readonly Edit[] = [
  { name: "a comment", from: sleep, to: `${sleep} // as before` },
  {
    name: "a renamed variable",
    from: `const options = { startToCloseTimeout: "10s" } as const;`,
    to: `const settings = { startToCloseTimeout: "10s" } as const; const options = settings;`,
  },
  { name: "another result", from: "return `${stock}", to: "return `done ${stock}" },
  { name: "other arguments of an activity", from: `args: [price]`, to: `args: [price, "again"]` },
  { name: "another timeout of activities", from: `startToCloseTimeout: "10s"`, to: `startToCloseTimeout: "20s"` },
  {
    name: "a retry policy",
    from: `startToCloseTimeout: "10s"`,
    to: `startToCloseTimeout: "10s", retryPolicy: { maximumAttempts: 3 }`,
  },
  { name: "another length of a timer", from: `sleep("1s")`, to: `sleep("2s")` },
  { name: "a summary of a timer", from: `sleep("1s")`, to: `sleep("1s", { summary: "cool down" })` },
  { name: "a line of the log", from: sleep, to: `workflow.logger.info("soon"); console.log("soon"); ${sleep}` },
  {
    name: "more turns of the microtask queue",
    from: sleep,
    to: `for (let at = 0; at < 50; at++) await Promise.resolve(); ${sleep}`,
  },
  { name: "random numbers drawn", from: sleep, to: `Math.random(); crypto.randomUUID(); ${sleep}` },
  { name: "the time read", from: sleep, to: `new Date().toISOString(); performance.now(); ${sleep}` },
  {
    name: "a new query",
    from: `@workflow.query\n  changes`,
    to: `@workflow.query more(): number { return this.#changes; }\n  @workflow.query\n  changes`,
  },
  {
    name: "a new signal",
    from: `@workflow.signal\n  approve`,
    to: `@workflow.signal later(): void {}\n  @workflow.signal\n  approve`,
  },
  {
    name: "a validator of an update",
    from: `@workflow.query\n  changes`,
    to: `@workflow.validator<Order, "change">("change") check(): void {}\n  @workflow.query\n  changes`,
  },
  { name: "another value in a memo", from: `discount: true`, to: `discount: false` },
  { name: "a condition that is met at once", from: sleep, to: `await workflow.waitCondition(() => true); ${sleep}` },
  {
    name: "a new patch around a new step",
    from: sleep,
    to: `if (workflow.patched("newer")) await workflow.executeActivity("check", options); ${sleep}`,
  },
  {
    name: "a patch said to be everywhere",
    from: `if (workflow.patched("discount")) {`,
    to: `workflow.deprecatePatch("discount"); {`,
  },
  {
    name: "a scope around a step",
    from: sleep,
    to: `await new workflow.CancellationScope().run(() => workflow.sleep("1s"));`,
  },
];
