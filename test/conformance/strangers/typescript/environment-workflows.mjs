import { defineQuery, proxyActivities, setHandler, sleep } from "@temporalio/workflow";

const { greet } = proxyActivities({ startToCloseTimeout: "1m", retry: { maximumAttempts: 1 } });

export async function GreetLater(durationMs, name) {
  let awake = false;
  setHandler(defineQuery("awake"), () => awake);
  await sleep(durationMs);
  awake = true;
  return greet("Hello", name);
}
