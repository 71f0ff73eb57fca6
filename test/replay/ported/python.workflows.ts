import * as workflow from "perdure/workflow";

const agentOptions = { startToCloseTimeout: "60s" } as const;

/** A step of an agent: each asks a model, or a tool, by an activity. */
function ask(activity: string, ...args: readonly unknown[]): Promise<unknown> {
  return workflow.executeActivity(activity, { ...agentOptions, args: [...args] });
}

@workflow.defn()
export class MultiAgentWorkflow {
  @workflow.run
  async run(topic: string, model: string): Promise<string> {
    await ask("invoke_model", { model, topic });
    await ask("invoke_model", { model, topic });
    await ask("invoke_model", { model, topic });
    return "haiku";
  }
}

@workflow.defn()
export class WeatherAgent {
  @workflow.run
  async run(prompt: string, model: string): Promise<unknown> {
    await ask("invoke_model", { model, prompt });
    const weather = await ask("get_weather", "New York");
    return ask("invoke_model", { model, weather });
  }
}

@workflow.defn()
export class AgentsAsToolsWorkflow {
  @workflow.run
  async run(text: string): Promise<string> {
    let said: unknown = text;
    for (let turn = 0; turn < 4; turn++) said = await ask("invoke_model_activity", said);
    return `The translation: ${String(said)}`;
  }
}

@workflow.defn()
export class HelloWorldAgent {
  @workflow.run
  async run(prompt: string): Promise<unknown> {
    return ask("invoke_model_activity", { input: prompt });
  }
}

@workflow.defn()
export class OutputGuardrailWorkflow {
  @workflow.run
  async run(): Promise<boolean> {
    return (await ask("invoke_model_activity", { input: "go" })) === undefined;
  }
}

@workflow.defn()
export class ToolsWorkflow {
  @workflow.run
  async run(question: string): Promise<unknown> {
    await ask("invoke_model_activity", question);
    const weather = await ask("get_weather", { city: "Tokyo" });
    return ask("invoke_model_activity", weather);
  }
}

/** Ten searches at once, then one report of all. */
@workflow.defn()
export class ResearchWorkflow {
  @workflow.run
  async run(subject: string): Promise<unknown> {
    await ask("invoke_model_activity", { plan: subject });
    const found = await Promise.all(Array.from({ length: 10 }, (_, index) => ask("invoke_model_activity", { index })));
    return ask("invoke_model_activity", { found });
  }
}

/** Beside each answer a guard is asked; the second guard objects, and the answer is not waited for any more. */
@workflow.defn()
export class InputGuardrailWorkflow {
  @workflow.run
  async run(questions: readonly string[]): Promise<unknown[]> {
    const answers: unknown[] = [];
    for (const [index, question] of questions.entries()) {
      const guard = ask("invoke_model_activity", { guard: question });
      const answer = ask("invoke_model_activity", { question });
      answers.push(await (index === 0 ? Promise.all([guard, answer]) : Promise.race([guard, answer])));
    }
    return answers;
  }
}

/** Answers each update by one call of a model, or two where it is handed over, until it is cancelled. */
@workflow.defn()
export class CustomerServiceWorkflow {
  #messages = 0;

  @workflow.run
  async run(): Promise<void> {
    await workflow.waitCondition(() => false);
  }

  @workflow.update({ name: "process_user_message" })
  async processUserMessage(message: unknown): Promise<unknown> {
    this.#messages += 1;
    const isHandedOver = this.#messages % 2 === 0;
    const answer = await ask("invoke_model_activity", message);
    return isHandedOver ? ask("invoke_model_activity", answer) : answer;
  }
}

@workflow.defn({ name: "QuickActivityWorkflow" })
export class QuickActivity {
  @workflow.run
  async run(totalSeconds: number): Promise<void> {
    const endMs = workflow.time() + totalSeconds * 1_000;
    do await workflow.executeActivity("short_activity_async", { scheduleToCloseTimeout: "10s" });
    while (workflow.time() <= endMs);
  }
}

interface SayHelloParams {
  readonly name: string;
  readonly should_wait: boolean;
  readonly should_cause_nondeterminism: boolean;
}

@workflow.defn()
export class SayHelloWorkflow {
  @workflow.run
  async run(params: SayHelloParams): Promise<unknown> {
    if (params.should_cause_nondeterminism) await workflow.sleep(100);
    const greeting = await workflow.executeActivity<string>("say_hello", {
      ...agentOptions,
      args: [params.name],
    });
    if (params.should_wait) await workflow.waitCondition(() => false);
    return greeting;
  }
}

/** The update's handler returns after the workflow has. */
@workflow.defn()
export class UpdateCompletionAfterWorkflowReturn {
  #isReturning = false;

  @workflow.run
  async run(): Promise<string> {
    await Promise.resolve();
    this.#isReturning = true;
    return "workflow-result";
  }

  @workflow.update({ name: "my_update" })
  async myUpdate(): Promise<string> {
    await workflow.waitCondition(() => this.#isReturning);
    return "update-result";
  }
}
