import { expect, test } from "vitest";
import * as v from "valibot";
import { defn, implement } from "../../activity.ts";
import { ApplicationError } from "../../payload/failure-error.ts";
import { createWorld } from "./world.test-support.ts";
import { charge, Impatient, Purchase } from "./schemas.workflows.ts";

const at = new Date(Date.UTC(2026, 4, 1));
const order = { id: "o", at, items: [{ price: 2 }, { price: 3 }] };
const seen: unknown[] = [];
const activities = {
  charge: implement(charge, async ({ items, at: ordered }, currency) => {
    seen.push(ordered instanceof Date, currency);
    return { total: items.reduce((sum, { price }) => sum + price, 0), paidAt: ordered };
  }),
};
const options = { id: "w", taskQueue: "q" };

test("schemas read arguments and results on both sides of every call", async () => {
  const { client, createWorker, until } = await createWorld();
  await createWorker({ workflows: [Purchase], activities });
  const result = await until(client.executeWorkflow(Purchase, { ...options, args: [{ ...order, id: "parent" }] }));
  expect(result).toEqual({ total: 5, paidAt: new Date(at.getTime() + 1) });
  expect(seen).toEqual([true, "EUR", true, "EUR"]);
});

test("arguments that do not suit fail the workflow with what is wrong, and nothing of their contents", async () => {
  const { client, createWorker, until } = await createWorld();
  await createWorker({ workflows: [Purchase], activities });
  const wrong = { ...order, items: [{ price: "s3cret" }] } as never;
  const error = await until(
    client.executeWorkflow(Purchase, { ...options, args: [wrong] }).catch((thrown: unknown) => thrown),
  );
  const { cause } = error as { readonly cause: ApplicationError };
  expect(cause).toBeInstanceOf(ApplicationError);
  expect(cause).toMatchObject({
    message: `Payload validation failed: argument 1 of workflow "Purchase" at items[0].price`,
    type: "PayloadValidationError",
    nonRetryable: true,
    details: [{ issues: [{ path: "items[0].price", message: expect.any(String) as string }] }],
  });
  expect(JSON.stringify(cause.details)).not.toContain("s3cret");
});

test("handlers take only what suits: updates and queries are refused, signals dropped", async () => {
  const { client, createWorker, until } = await createWorld();
  await createWorker({ workflows: [Purchase], activities });
  const handle = await until(client.startWorkflow(Purchase, { ...options, args: [{ ...order, id: "patient" }] }));
  const untyped = client.getWorkflowHandle("w");
  await until(handle.signal("note", "no"));
  await until(handle.signal("note", "yes"));
  expect(await until(handle.query("state", true))).toEqual({ at, notes: ["yes"] });
  await expect(until(untyped.query("state", "true"))).rejects.toThrow(`argument 1 of query "state"`);
  expect(await until(handle.executeUpdate("postpone", { args: [at] }))).toEqual(new Date(at.getTime() + 1000));
  await expect(until(untyped.executeUpdate("postpone", { args: ["never"] }))).rejects.toMatchObject({
    cause: { type: "PayloadValidationError" },
  });
  await until(handle.signal("note", "enough"));
  await until(handle.result());
});

test("a workflow fails its task, not itself, over a schema that answers with a promise", async () => {
  const { client, createWorker, until } = await createWorld();
  await createWorker({ workflows: [Impatient] });
  const handle = await until(
    client.startWorkflow(Impatient, { ...options, args: ["x"], executionTimeout: "1 minute" }),
  );
  await expect(until(handle.result())).rejects.toMatchObject({ cause: { code: "TEMPORAL_FAILURE_TIMEOUT" } });
  const { events } = await until(handle.fetchHistory());
  const failures = events.map(({ attributes }) =>
    attributes?.case === "workflowTaskFailedEventAttributes" ? attributes.value.failure?.message : undefined,
  );
  expect(failures.join()).toContain("answered with a promise");
});

test("activities validate with any library, and may wait for the answer", async () => {
  const { client, createWorker, until } = await createWorld();
  const schema = v.pipeAsync(
    v.object({ id: v.string(), at: v.unknown(), items: v.array(v.unknown()) }),
    v.checkAsync(async ({ id }) => id !== "known", "already known"),
  );
  const checked = defn({ name: "charge", args: [schema] })(async (given: { readonly id: string }) => ({
    total: given.id.length,
    paidAt: at,
  }));
  await createWorker({ workflows: [Purchase], activities: [checked] });
  expect(await until(client.executeWorkflow(Purchase, { ...options, args: [order] }))).toMatchObject({ total: 1 });
  await expect(
    until(client.executeWorkflow(Purchase, { ...options, id: "w2", args: [{ ...order, id: "known" }] })),
  ).rejects.toMatchObject({
    cause: { cause: { type: "PayloadValidationError", details: [{ issues: [{ message: "already known" }] }] } },
  });
});

test("a contract is no implementation", async () => {
  await expect(charge(order, "EUR")).rejects.toThrow("implement it with activity.implement()");
  expect(() =>
    implement(
      async () => 1,
      async () => 1,
    ),
  ).toThrow("make one with defineActivity()");
});
