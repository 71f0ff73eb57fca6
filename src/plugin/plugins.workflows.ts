import * as workflow from "../workflow.ts";

@workflow.defn()
export class Greeting {
  @workflow.run
  async run(name: string): Promise<string> {
    workflow.callSink("names", { name });
    await workflow.sleep("1s");
    return `Hello, ${name}!`;
  }
}

@workflow.defn()
export class Parting {
  @workflow.run
  async run(name: string): Promise<string> {
    return `Goodbye, ${name}!`;
  }
}

@workflow.defn({ sandboxed: false })
export class OpenGreeting {
  @workflow.run
  async run(name: string): Promise<string> {
    workflow.callSink("names", { name });
    return `Open hello, ${name}!`;
  }
}
