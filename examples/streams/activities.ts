import { WorkflowStreamClient } from "perdure/workflow-streams";

/** Sends each word as it comes. An attempt that is tried again sends its words again: the stream keeps what was sent. */
export async function writeChapter(title: string): Promise<void> {
  await using stream = WorkflowStreamClient.fromWithinActivity({ batchInterval: "100ms" });
  const words = stream.topic<string>("words");
  for (const word of ["It", "is", "about", title]) words.publish(word);
}
