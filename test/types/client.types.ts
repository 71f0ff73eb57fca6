import { Client, WithStartWorkflowOperation, type WorkflowHandle } from "../../src/client.ts";

class SayHello {
  greetingText = "Hello";
  async run(name: string): Promise<string> {
    return `${this.greetingText}, ${name}!`;
  }
  setGreeting(greeting: string): void {
    this.greetingText = greeting;
  }
  async reset(): Promise<void> {
    this.greetingText = "Hello";
  }
  greeting(): string {
    return this.greetingText;
  }
  lengthOver(limit: number): boolean {
    return this.greetingText.length > limit;
  }
  async approve(count: number, by?: string): Promise<boolean> {
    return count > 1 && by !== "";
  }
  async refresh(): Promise<number> {
    return 1;
  }
}

class NoArgs {
  async run(): Promise<number> {
    return 1;
  }
}

/** `any` and `unknown` are told apart by wrapping, and each type must hold the other. */
type Same<A, B> = [A, keyof A] extends [B, keyof B] ? ([B, keyof B] extends [A, keyof A] ? true : false) : false;
/** Compiles only if the two types are the same. */
function same<A, B>(_proof: Same<A, B>): void {}

export async function typedByClass(client: Client): Promise<void> {
  const start = { id: "hello-1", taskQueue: "q" };
  const result = await client.executeWorkflow(SayHello, { ...start, args: ["World"] });
  same<typeof result, string>(true);
  const none = await client.executeWorkflow(NoArgs, start);
  same<typeof none, number>(true);

  const handle = await client.startWorkflow(SayHello, { ...start, args: ["World"] });
  same<typeof handle, WorkflowHandle<SayHello>>(true);
  await handle.signal("setGreeting", "Hi");
  await handle.signal("reset");
  const greeting = await handle.query("greeting");
  same<typeof greeting, string>(true);
  const over = await handle.with({ timeoutMs: 100 }).query("lengthOver", 3);
  same<typeof over, boolean>(true);
  const approved = await handle.executeUpdate("approve", { args: [3] });
  same<typeof approved, boolean>(true);
  const refreshed = await handle.executeUpdate("refresh");
  same<typeof refreshed, number>(true);
  await handle.executeUpdate("refresh", { id: "update-1" });
  const update = await handle.startUpdate("approve", {
    args: [3, "me"],
    waitForStage: "completed",
  });
  same<Awaited<ReturnType<typeof update.result>>, boolean>(true);
  const ended = await handle.result();
  same<typeof ended, string>(true);

  // @ts-expect-error the workflow takes a string
  await client.executeWorkflow(SayHello, { ...start, args: [1] });
  // @ts-expect-error the argument is missing
  await client.executeWorkflow(SayHello, start);
  // @ts-expect-error there is no argument
  await client.executeWorkflow(NoArgs, { ...start, args: [1] });
  // @ts-expect-error no id
  await client.executeWorkflow(NoArgs, { taskQueue: "q" });
  // @ts-expect-error no workflow
  await client.executeWorkflow(Date, start);
  // @ts-expect-error no such handler
  await handle.signal("nope");
  // @ts-expect-error the signal takes a string
  await handle.signal("setGreeting", 3);
  // @ts-expect-error an update with a promise is no query
  await handle.query("approve", 3);
  // @ts-expect-error a method with a result is no signal
  await handle.signal("greeting");
  // @ts-expect-error run is no handler
  await handle.query("run");
  // @ts-expect-error the update's arguments are missing
  await handle.executeUpdate("approve");
  // @ts-expect-error the update takes a number
  await handle.executeUpdate("approve", { args: ["3"] });
  // @ts-expect-error no such reject condition
  handle.with({ rejectCondition: "sometimes" });
}

export async function typedByName(client: Client): Promise<void> {
  const start = { id: "hello-1", taskQueue: "q" };
  const result = await client.executeWorkflow<number>("SomewhereElse", {
    ...start,
    args: [1, "a"],
  });
  same<typeof result, number>(true);

  const byType = await client.startWorkflow<SayHello>("SayHello", { ...start, args: ["World"] });
  await byType.signal("setGreeting", "Hi");
  // @ts-expect-error the workflow takes a string
  await client.startWorkflow<SayHello>("SayHello", { ...start, args: [1] });

  const untyped = await client.startWorkflow("SomewhereElse", { ...start, args: [1] });
  await untyped.signal("anything", 1, "two");
  const answer = await untyped.query("anything");
  same<typeof answer, unknown>(true);
  const updated = await untyped.executeUpdate("anything", { args: [1] });
  same<typeof updated, unknown>(true);
  await untyped.executeUpdate("anything");

  const known = client.getWorkflowHandle<SayHello>("hello-1");
  same<Awaited<ReturnType<typeof known.result>>, string>(true);
  const unknownOne = client.getWorkflowHandle("hello-1", { runId: "r" });
  same<Awaited<ReturnType<typeof unknownOne.result>>, unknown>(true);
  const named = client.getWorkflowHandleFor(SayHello, "hello-1");
  await named.query("greeting");
}

export async function updateWithStart(client: Client): Promise<void> {
  const options = { id: "hello-1", taskQueue: "q", idConflictPolicy: "useExisting" } as const;
  const operation = new WithStartWorkflowOperation(SayHello, { ...options, args: ["World"] });
  const approved = await client.executeUpdateWithStartWorkflow("approve", {
    args: [3],
    startWorkflowOperation: operation,
  });
  same<typeof approved, boolean>(true);
  const handle = await operation.workflowHandle();
  same<typeof handle, WorkflowHandle<SayHello>>(true);

  const other = { args: [3], startWorkflowOperation: operation } as const;
  // @ts-expect-error its workflow has no such update
  await client.startUpdateWithStartWorkflow("nope", other);
  // @ts-expect-error the workflow takes a string
  void new WithStartWorkflowOperation(SayHello, { ...options, args: [1] });
  // @ts-expect-error the conflict policy is missing
  void new WithStartWorkflowOperation(SayHello, { id: "a", taskQueue: "q", args: ["World"] });
}

export async function rawServices(client: Client): Promise<void> {
  const started = await client.workflowService.startWorkflowExecution(
    { namespace: "default", workflowId: "a", workflowType: { name: "SayHello" } },
    { retry: true, timeoutMs: 1000 },
  );
  same<typeof started.runId, string>(true);
  await client.operatorService.listSearchAttributes({ namespace: "default" });
  await client.testService.lockTimeSkipping();
  const health = await client.healthService.check({ service: "" });
  same<typeof health.status, 0 | 1 | 2 | 3>(true);
  // @ts-expect-error no such method
  await client.workflowService.startWorkflow({});
  // @ts-expect-error no such field
  await client.workflowService.startWorkflowExecution({ workflow: "a" });
}

export async function disposal(): Promise<void> {
  await using client = await Client.connect("localhost:7233", {
    namespace: "default",
    apiKey: "key",
  });
  for await (const { id, status } of client.listWorkflows("WorkflowType = 'SayHello'", {
    limit: 3,
  })) {
    same<typeof id, string>(true);
    if (status === "running") return;
    // @ts-expect-error no such status
    if (status === "sleeping") return;
  }
}
