import { readFileSync } from "node:fs";
import { startServer } from "perdure/server";
import { expect, onTestFinished, test } from "vitest";

interface Asked {
  readonly url: string;
  readonly method: string;
  readonly body: string | undefined;
}

/** The requests that the page makes with curl, in their order. */
function readRequests(page: string): readonly Asked[] {
  const fences = [...readFileSync(page, "utf8").matchAll(/^```sh\ncurl (.*)\n```$/gm)].map(([, line = ""]) => line);
  return fences.map((line) => ({
    url: /(?:^|[ '])(localhost:7243[^ ']*)/.exec(line)?.[1] ?? "",
    method: /-X (\w+)/.exec(line)?.[1] ?? "GET",
    body: /-d '([^']*)'/.exec(line)?.[1],
  }));
}

test("what the page about the HTTP API asks is answered", async () => {
  const server = await startServer({ listenHttp: {} });
  onTestFinished(() => server.stop());
  const requests = readRequests("docs/http-api.md");
  expect(requests.length).toBe(5);
  const answers: unknown[] = [];
  for (const { url, method, body } of requests) {
    const place = `http://${url.replace(":7243", `:${server.httpAddress?.port}`)}`;
    const answer = await fetch(place, { method, ...(body !== undefined && { body }) });
    expect([url, answer.status]).toEqual([url, 200]);
    answers.push(await answer.json());
  }
  expect(answers).toMatchObject([
    { started: true, status: "WORKFLOW_EXECUTION_STATUS_RUNNING" },
    {
      history: { events: [{ workflowExecutionStartedEventAttributes: { input: ["World", { times: 2 }] } }] },
    },
    {},
    {},
    { count: "1" },
  ]);
});
