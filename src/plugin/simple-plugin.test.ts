import { expect, test } from "vitest";
import { Client, type ClientInterceptor, type ClientPlugin } from "../client.ts";
import { defaultDataConverter } from "../payload/data-converter.ts";
import { createWorld } from "../worker/e2e/world.test-support.ts";
import { Replayer, type Interceptor, type WorkerPlugin } from "../worker.ts";
import { Greeting, OpenGreeting, Parting } from "./plugins.workflows.ts";
import { SimplePlugin } from "./simple-plugin.ts";

const otherConverter = defaultDataConverter.with({});

/** One object for clients, activities and workflows. */
class EveryInterceptor implements ClientInterceptor, Interceptor {
  readonly seen: string[] = [];
  readonly workflowInterceptorModule = new URL("./counting-interceptors.workflows.ts", import.meta.url).href;
  readonly sinks = {
    runs: (type: unknown) => this.seen.push(`run ${String(type)}`),
    names: (value: unknown) => this.seen.push(JSON.stringify(value)),
  };

  interceptClient: ClientInterceptor["interceptClient"] = (next) => {
    this.seen.push("client");
    return next;
  };

  interceptActivity: NonNullable<Interceptor["interceptActivity"]> = (next) => {
    this.seen.push("activity");
    return next;
  };
}

test("a client's plugins change its options and its connection, the first one first", async () => {
  const calls: string[] = [];
  const plugin = (name: string): ClientPlugin => ({
    name,
    configureClient: (options) => ({ ...options, namespace: `${options.namespace ?? ""}${name}` }),
    async connect(config, next) {
      calls.push(`${name} ${String(config.metadata?.["key"])}`);
      const connection = await next({ ...config, metadata: { key: `key of ${name}` } });
      calls.push(`${name} connected`);
      return connection;
    },
  });
  await using client = await Client.connect("memory:", { plugins: [plugin("a"), plugin("b")] });
  expect(calls).toEqual(["a undefined", "b key of a", "b connected", "a connected"]);
  expect(client.namespace).toBe("ab");
  expect(client.connection.metadata).toEqual({ key: "key of b" });
  // The options as they were given make the same client again.
  expect(new Client(client.connection, client.options).namespace).toBe("ab");
});

test("two plugins of one name are refused, wherever they come from", async () => {
  const plugin = new SimplePlugin({ name: "mine", workflows: [Greeting] });
  const { client, createWorker } = await createWorld({ client: { plugins: [plugin] } });
  await expect(createWorker({ plugins: [new SimplePlugin({ name: "mine" })] })).rejects.toThrow(
    'Cannot create worker for task queue "q": two plugins are named "mine": its client has one and it was given another',
  );
  expect(() => new Client(client.connection, { plugins: [plugin, plugin] })).toThrow('two plugins are named "mine"');
  await expect(Replayer.create({ workflows: [Greeting], plugins: [plugin, plugin] })).rejects.toThrow('named "mine"');
});

test("a worker has the plugins of its client, before its own", async () => {
  const rename = (name: string): WorkerPlugin => ({
    name,
    configureWorker: (options) => ({ ...options, taskQueue: `${options.taskQueue}-${name}` }),
  });
  const { createWorker } = await createWorld({ client: { plugins: [rename("client")] } });
  const worker = await createWorker({ workflows: [Greeting], plugins: [rename("worker")] });
  expect(worker.taskQueue).toBe("q-client-worker");
  expect(worker.config().taskQueue).toBe("q-client-worker");
});

test("a simple plugin adds to what a worker has, and functions replace it", async () => {
  const plugin = new SimplePlugin({ name: "p", workflows: [Parting], passthroughModules: ["lib"] });
  const { client, createWorker } = await createWorld();
  const worker = await createWorker({ workflows: [Greeting], plugins: [plugin] });
  expect(worker.config().workflows).toEqual([Greeting, Parting]);
  expect(worker.config().workflowRunner).toEqual({ kind: "sandboxed", passthroughModules: ["lib"] });
  const emptied = new SimplePlugin({ name: "p", workflows: () => [Parting] });
  const other = await createWorker({ workflows: [Greeting], plugins: [emptied] });
  expect(other.config().workflows).toEqual([Parting]);

  const converting = new SimplePlugin({ name: "p", dataConverter: otherConverter });
  expect(new Client(client.connection, { plugins: [converting] }).dataConverter).toBe(otherConverter);
  await using replayer = await Replayer.create({ workflows: [Greeting], plugins: [converting] });
  expect(replayer.config().dataConverter).toBe(otherConverter);
  const taken = { dataConverter: defaultDataConverter.with({}), plugins: [converting] };
  expect(() => new Client(client.connection, taken)).toThrow(
    'Cannot apply plugin "p": there is another "dataConverter" already',
  );
  const joining = new SimplePlugin({ name: "p", dataConverter: (existing) => existing });
  expect(new Client(client.connection, { ...taken, plugins: [joining] }).dataConverter).toBe(taken.dataConverter);
});

test("an interceptor of a client's plugin is a worker's too, once, in and out of the sandbox", async () => {
  const interceptor = new EveryInterceptor();
  const plugin = new SimplePlugin({ name: "all", interceptors: [interceptor] });
  const { client, createWorker, until } = await createWorld({ client: { plugins: [plugin] } });
  await createWorker({ workflows: [Greeting, OpenGreeting], maxCachedWorkflows: 0 });
  await until(client.executeWorkflow(Greeting, { args: ["you"], id: "g", taskQueue: "q" }));
  // The second task replays the first: interceptors run again, and a sink hears only what it asked for.
  expect(interceptor.seen).toEqual(["client", "run Greeting", '{"name":"you"}', "run Greeting"]);
  await until(client.executeWorkflow(OpenGreeting, { args: ["me"], id: "o", taskQueue: "q" }));
  expect(interceptor.seen.slice(4)).toEqual(["run OpenGreeting", '{"name":"me"}']);
});

test("a plugin of the worker alone leaves the client as it is", async () => {
  const interceptor = new EveryInterceptor();
  const plugin = new SimplePlugin({ name: "all", interceptors: [interceptor] });
  const { client, createWorker, until } = await createWorld();
  await createWorker({ workflows: [Greeting], plugins: [plugin] });
  await until(client.executeWorkflow(Greeting, { args: ["you"], id: "g", taskQueue: "q" }));
  expect(interceptor.seen).toEqual(["run Greeting", '{"name":"you"}']);
});

test("run contexts lie around a worker's life and a replay, the first plugin's outermost", async () => {
  const calls: string[] = [];
  const plugin = (name: string): SimplePlugin =>
    new SimplePlugin({
      name,
      workflows: name === "a" ? [Greeting] : [],
      runContext: async () => {
        calls.push(`${name} opens`);
        return {
          [Symbol.asyncDispose]: async () => {
            calls.push(`${name} closes`);
          },
        };
      },
    });
  const plugins = [plugin("a"), plugin("b")];
  const { client, createWorker, until } = await createWorld({ client: { plugins } });
  const worker = await createWorker({});
  const handle = await until(client.startWorkflow(Greeting, { args: ["you"], id: "g", taskQueue: "q" }));
  await until(handle.result());
  await until(worker.shutdown());
  const life = ["a opens", "b opens", "b closes", "a closes"];
  expect(calls).toEqual(life);
  expect(worker.state).toBe("stopped");

  await using replayer = await Replayer.create({ workflows: [], plugins });
  await replayer.replayWorkflow(await until(handle.fetchHistory()));
  expect(calls).toEqual([...life, ...life]);
});

test("a plugin that fails ends its worker with the reason, and one that does not run it just ends it", async () => {
  const { createWorker, until } = await createWorld();
  const failing: WorkerPlugin = { name: "failing", runWorker: () => Promise.reject(new Error("no room")) };
  const failed = await createWorker({ workflows: [Greeting], plugins: [failing] });
  await expect(until(failed.run())).rejects.toThrow('Worker for task queue "q" cannot go on: no room');
  expect(failed.state).toBe("failed");
  const idle: WorkerPlugin = { name: "idle", runWorker: () => Promise.resolve() };
  const ended = await createWorker({ workflows: [Greeting], plugins: [idle] });
  await until(ended.run());
  expect(ended.state).toBe("stopped");
});
