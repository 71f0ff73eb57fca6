/**
 * Compares what random list filters find on a server and on ours, and the words in which they are refused.
 *
 *   node --import tsx test/conformance/list-filters.ts --address HOST:PORT [--count 2000] [--seed 1]
 *
 * The same runs are made on both first: every kind of search attribute, present and absent, on open and ended runs.
 */
import { setTimeout } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Client } from "../../src/client/index.ts";
import { utf8Bytes } from "../../src/core/text/utf8.ts";
import { IndexedValueType } from "../../src/proto/gen/enums.ts";
import { RPCError } from "../../src/rpc/rpc-error.ts";
import { WorkflowEnvironment } from "../../src/testing/workflow-environment.ts";
import { linearRandom } from "./linear-random.ts";
import { RandomFilters } from "./random-filter.ts";

const TYPES = {
  Kw: IndexedValueType.KEYWORD,
  Txt: IndexedValueType.TEXT,
  Num: IndexedValueType.INT,
  Dbl: IndexedValueType.DOUBLE,
  Flag: IndexedValueType.BOOL,
  At: IndexedValueType.DATETIME,
  Tags: IndexedValueType.KEYWORD_LIST,
};
const RUNS: readonly Readonly<Record<string, unknown>>[] = [
  {},
  {
    Kw: "Ulm",
    Txt: "hello big_world, Ünïcode",
    Num: 7,
    Dbl: 0.5,
    Flag: true,
    At: "2024-02-29T12:00:00Z",
    Tags: ["x", "y z"],
  },
  {
    Kw: "ulm",
    Txt: "HELLO world",
    Num: -3,
    Dbl: -2.25,
    Flag: false,
    At: "2024-02-29T12:00:00.123456789Z",
    Tags: ["X"],
  },
  { Kw: "Köln", Txt: "Don't shell; hell-bent x1", Num: 0, Dbl: 0, Tags: ["é"] },
  { Kw: "", Txt: "", Num: 9007199254740991, Dbl: 1e10, Tags: ["[x]", '"x"'] },
  { Kw: "100%", Txt: "a and b", Num: 1, Dbl: 7 },
  { Kw: "a_b", Txt: "unicode", Flag: true },
  { Kw: "it's", At: "2024-03-01T00:00:00+01:00" },
  { Kw: "O'Neil", Tags: ["x"] },
  { Kw: "\u{1F600}", Txt: "\u{1F600} smile" },
  { Kw: "x y" },
  { Kw: "Bonn", Txt: "big, big world", Num: 7, Flag: false },
];
const SETTLING_MS = 2_000;

const { values: options } = parseArgs({
  options: {
    address: { type: "string", default: "localhost:7233" },
    count: { type: "string", default: "2000" },
    seed: { type: "string", default: "1" },
  },
});

await using theirs = await Client.connect(options.address, { namespace: "default" });
await using environment = await WorkflowEnvironment.startLocal({ namespace: "default" });
const ours = environment.client;
for (const client of [theirs, ours]) await prepare(client);
const filters = new RandomFilters(linearRandom(Number(options.seed)));
const found = { same: 0, refused: 0, listed: 0, different: 0 };
for (let index = 0; index < Number(options.count); index++) {
  const query = filters.next();
  const [expected, actual] = await Promise.all([answerOf(theirs, query), answerOf(ours, query)]);
  if (expected === actual) found.same++;
  else {
    found.different++;
    console.log(`${query}\n  server: ${expected}\n  ours:   ${actual}`);
  }
  if (expected.startsWith("error")) found.refused++;
  else if (/filter-/.test(expected)) found.listed++;
}
console.log(`seed ${options.seed}:`, found);
process.exitCode = found.different === 0 ? 0 : 1;

/** The ids of what is listed and what is counted, or the refusals. */
async function answerOf({ namespace, workflowService }: Client, query: string): Promise<string> {
  const settle = async (answer: Promise<unknown>): Promise<string> => {
    try {
      return JSON.stringify(await answer);
    } catch (error) {
      if (!(error instanceof RPCError)) throw error;
      return `error ${error.status} ${error.message}`;
    }
  };
  const listed = await settle(
    workflowService
      .listWorkflowExecutions({ namespace, query, pageSize: 100 }, { retry: true })
      // Runs that began in the same millisecond may change places.
      .then(({ executions }) => executions.map(({ execution }) => execution?.workflowId ?? "").toSorted()),
  );
  const counted = await settle(
    workflowService
      .countWorkflowExecutions({ namespace, query }, { retry: true })
      .then(({ count, groups }) => [
        count,
        groups.map((group) => [group.count, ...group.groupValues.map((value) => String(value.data))]),
      ]),
  );
  return listed.startsWith("error") && listed === counted ? listed : `${listed} ${counted}`;
}

async function prepare({ namespace, operatorService, workflowService }: Client): Promise<void> {
  await operatorService.addSearchAttributes({ namespace, searchAttributes: TYPES });
  await setTimeout(SETTLING_MS);
  for (const [index, attributes] of RUNS.entries()) {
    const workflowId = `filter-${index}`;
    await workflowService.startWorkflowExecution({
      namespace,
      workflowId,
      requestId: workflowId,
      workflowType: { name: index % 3 === 0 ? "order" : "greet" },
      taskQueue: { name: index % 2 === 0 ? "one" : "two" },
      searchAttributes: {
        indexedFields: Object.fromEntries(
          Object.entries(attributes).map(([name, value]) => [
            name,
            { metadata: { encoding: utf8Bytes("json/plain") }, data: utf8Bytes(JSON.stringify(value)) },
          ]),
        ),
      },
    });
    if (index % 4 === 3) {
      await workflowService.terminateWorkflowExecution({ namespace, workflowExecution: { workflowId } });
    }
  }
  await setTimeout(SETTLING_MS);
}
