import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  executeChild,
  isCancellation,
  patched,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  sleep,
  startChild,
} from "@temporalio/workflow";

const { greet } = proxyActivities({ startToCloseTimeout: "10s" });

export async function Greeting(name, waits) {
  let greeting = "Hello";
  let released = false;
  setHandler(defineSignal("setGreeting"), (value) => {
    greeting = value;
  });
  setHandler(defineSignal("let-go"), () => {
    released = true;
  });
  setHandler(defineQuery("greeting"), () => greeting);
  await sleep(5);
  if (waits) await condition(() => released);
  return greet(greeting, name);
}

const local = proxyLocalActivities({ startToCloseTimeout: "10s" });

export async function Part(name) {
  if (name === "endless") await condition(() => false);
  return `part ${name}`;
}

export async function Everything(runsLeft) {
  const parts = [];
  const add = async (part) => {
    await sleep(1);
    return parts.push(part);
  };
  const validator = (part) => {
    if (part === "") throw new Error("no part");
  };
  setHandler(defineUpdate("add"), add, { validator });
  await condition(() => parts.length > 0);
  if (patched("local")) parts.push(await local.greet("Hey", "you"));
  parts.push(await executeChild(Part, { args: ["one"] }));
  const scope = new CancellationScope();
  try {
    await scope.run(async () => {
      const endless = await startChild(Part, { args: ["endless"] });
      scope.cancel();
      await endless.result();
    });
  } catch (error) {
    parts.push(isCancellation(error) ? "cancelled" : String(error));
  }
  await condition(allHandlersFinished);
  if (runsLeft > 0) await continueAsNew(runsLeft - 1);
  return parts;
}
