/** A schedule. `node --import tsx examples/schedule/main.ts [address]` */
import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { Client, ScheduleActionStartWorkflow } from "perdure/client";
import { Worker } from "perdure/worker";
import { Report } from "./workflows.ts";

const taskQueue = "schedule";
await using client = await Client.connect(process.argv[2] ?? "memory:");
const worker = await Worker.create(client, { taskQueue, workflows: [Report] });

await worker.runUntil(async () => {
  const id = `report-${randomUUID()}`;
  const schedule = await client.createSchedule(id, {
    action: new ScheduleActionStartWorkflow(Report, { args: ["Berlin"], id, taskQueue }),
    spec: { calendars: [{ hour: [{ start: 9 }], dayOfWeek: [{ start: 1, end: 5 }] }], timeZoneName: "Europe/Berlin" },
  });
  try {
    // Nine o'clock is far; one now.
    await schedule.trigger();
    let { info } = await schedule.describe();
    for (; info.recentActions.length === 0; { info } = await schedule.describe()) await setTimeout(50);
    const [start] = info.recentActions;
    console.log(await client.getWorkflowHandleFor(Report, start?.action.workflowId ?? "").result());
    console.log("Next hour:", info.nextActionTimes[0]?.getUTCMinutes() === 0 ? "full" : "odd");
  } finally {
    await schedule.delete();
  }
});
