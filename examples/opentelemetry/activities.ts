import { trace } from "@opentelemetry/api";

export async function bake(cake: string): Promise<string> {
  // The span of the activity itself; spans that libraries make here appear below it.
  trace.getActiveSpan()?.setAttribute("cake", cake);
  return `a ${cake} cake`;
}
