import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { bindingsOf, listHttpMethods } from "../../rpc/http-binding.ts";
import { startTestServer } from "../calls.test-support.ts";
import { ask } from "./http-ask.test-support.ts";

const bindings = [...listHttpMethods().values()].flatMap(bindingsOf);
/** Polls of these wait, on a clock that stands still. */
const waiting = /Poll|QueryWorkflow|UpdateWorkflowExecution$|GetWorkflowExecutionHistory$/;
const NEST = 900;

const oddText = fc.oneof(
  fc.string(),
  fc.constantFrom(
    "",
    ".",
    "..",
    "%2e%2e",
    "__proto__",
    "constructor",
    "toString",
    "a/b",
    "\u0000",
    "\ud83d\ude00",
    "x".repeat(2_000),
  ),
);
const escaped = oddText.map((text) => encodeURIComponent(text.replaceAll(/\p{Surrogate}/gu, "")));
const names = fc.constantFrom(
  ...[
    "namespace",
    "identity",
    "input",
    "workflowType",
    "memo",
    "failure",
    "execution",
    "query",
    "__proto__",
    "schedule",
  ],
  ...["workflowExecution", "pageSize", "taskToken", "requestId", "details", "searchAttributes", "updateMask", "x"],
);
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.jsonValue(),
    fc.dictionary(names, tie("value"), { maxKeys: 4 }),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.constantFrom<unknown>(0, -1, 2 ** 31, "9223372036854775808", "1s", "2026-01-01T00:00:00Z", "AA==", null, true),
  ),
})).value;
const body = fc.oneof(
  json.map((value) => JSON.stringify(value)),
  fc.string(),
  fc.constantFrom(
    '{"a":'.repeat(NEST),
    "[".repeat(5_000),
    `{"continuedFailure":${'{"cause":'.repeat(NEST)}{}${"}".repeat(NEST + 1)}`,
  ),
);
const query = fc.array(
  fc
    .tuple(
      fc.oneof(
        names,
        fc.tuple(names, names).map((parts) => parts.join(".")),
        escaped,
      ),
      escaped,
    )
    .map((pair) => pair.join("=")),
  { maxLength: 4 },
);

test("whatever is sent is answered, and never with a fault of the server's own", async () => {
  const { server } = await startTestServer({ listenHttp: {} });
  onTestFinished(() => server.stop());
  const port = server.httpAddress?.port ?? 0;
  const requests = fc.record({
    binding: fc.constantFrom(...bindings.filter(({ method }) => !waiting.test(method.path))),
    namespace: fc.oneof({ weight: 3, arbitrary: fc.constant("default") }, { weight: 1, arbitrary: escaped }),
    values: fc.array(escaped, { minLength: 6, maxLength: 6 }),
    query,
    body,
  });
  await fc.assert(
    fc.asyncProperty(requests, async ({ binding, namespace, values, query: fields, body: text }) => {
      const path = binding.segments.map((segment, at) => {
        if (segment.kind === "literal") return segment.text;
        return segment.fieldPath.join() === "namespace" ? namespace : (values[at] ?? "");
      });
      const target = `/${path.join("/")}${fields.length === 0 ? "" : `?${fields.join("&")}`}`;
      const answer = await ask(port, binding.rule.verb, target, binding.rule.body === undefined ? {} : { body: text });
      expect([200, 400, 403, 404, 409, 429, 501]).toContain(answer.status);
      expect(answer.json).toBeTypeOf("object");
    }),
    { numRuns: 300 },
  );
  expect(({} as { readonly polluted?: unknown }).polluted).toBeUndefined();
  expect((await ask(port, "GET", "/api/v1/system-info")).status).toBe(200);
});
