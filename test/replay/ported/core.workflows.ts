import * as workflow from "perdure/workflow";

const delayed = { startToCloseTimeout: "20s" } as const;

/** A local activity whose workflow is evicted meanwhile, then a common one. */
@workflow.defn({ name: "evict_while_la_running_no_interference" })
export class EvictedWhileRunning {
  @workflow.run
  async run(): Promise<void> {
    await workflow.executeLocalActivity<void>("delay", { ...delayed, args: ["hi!"] });
    await workflow.executeActivity<void>("delay", { ...delayed, args: ["hi!"], activityId: "2" });
  }

  @workflow.signal
  whaatever(): void {
    // The signal is there to make a workflow task.
  }
}

/** Updates arrive while one local activity lasts over many workflow tasks. */
class LongLocalActivity {
  async run(): Promise<null> {
    await workflow.executeLocalActivity("delay", delayed);
    return null;
  }
}

@workflow.defn({ name: "long_local_activity_with_update-0" })
export class LongLocalActivity0 extends LongLocalActivity {
  @workflow.run
  override async run(): Promise<null> {
    return super.run();
  }

  @workflow.update
  update(): null {
    return null;
  }
}

@workflow.defn({ name: "long_local_activity_with_update-1" })
export class LongLocalActivity1 extends LongLocalActivity {
  @workflow.run
  override async run(): Promise<null> {
    return super.run();
  }

  @workflow.update
  async update(): Promise<null> {
    await workflow.sleep("2s");
    return null;
  }
}

@workflow.defn({ name: "long_local_activity_with_update-2" })
export class LongLocalActivity2 extends LongLocalActivity {
  @workflow.run
  override async run(): Promise<null> {
    return super.run();
  }

  @workflow.update
  update(): null {
    return null;
  }
}

@workflow.defn({ name: "long_local_activity_with_update-3" })
export class LongLocalActivity3 extends LongLocalActivity {
  @workflow.run
  override async run(): Promise<null> {
    return super.run();
  }

  @workflow.update
  async update(): Promise<null> {
    await workflow.sleep("2s");
    return null;
  }
}

/** Takes the newer path of a change whose marker has an older form. */
@workflow.defn({ name: "writes_change_markers" })
export class WritesChangeMarkers {
  @workflow.run
  async run(): Promise<void> {
    await workflow.sleep(workflow.patched("integ_test_change_name") ? 100 : 200);
    await workflow.sleep(200);
    await workflow.sleep(100);
  }
}
