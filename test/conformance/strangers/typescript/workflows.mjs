import { condition, defineQuery, defineSignal, proxyActivities, setHandler, sleep } from "@temporalio/workflow";

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
