import type { DataConverter } from "../../payload/data-converter.ts";
import type { Payload } from "../../proto/gen/common.ts";
import { History, type HistoryEvent } from "../../proto/gen/history.ts";
import {
  GetWorkflowExecutionHistoryRequest,
  GetWorkflowExecutionHistoryResponse,
  PollWorkflowTaskQueueResponse,
  RespondQueryTaskCompletedRequest,
  RespondWorkflowTaskCompletedRequest,
  RespondWorkflowTaskFailedRequest,
} from "../../proto/gen/workflowservice.ts";
import type { MessageType } from "../../proto/message.ts";
import { PayloadContexts, type PayloadRun } from "./payload-contexts.ts";
import { payloadSites, type PayloadSite } from "./payload-sites.ts";
import type { WorkflowTaskAnswer } from "./workflow-processor.ts";

/** Calls of the codec that one message has in progress at a time. */
const CALLS_MAX = 16;
/** The same with external storage, whose calls are dearer. */
const STORAGE_CALLS_MAX = 3;

const answerTypes = {
  complete: RespondWorkflowTaskCompletedRequest,
  fail: RespondWorkflowTaskFailedRequest,
  answerQuery: RespondQueryTaskCompletedRequest,
} as unknown as Readonly<Record<"complete" | "fail" | "answerQuery", MessageType<object>>>;

type Direction = "encodePayloads" | "decodePayloads";

/** How a {@link MessageCodec} works. */
export interface MessageCodecOptions {
  readonly namespace: string;
  /** Whether headers are changed too. */
  readonly headers: boolean;
  /** Calls of external storage in progress at a time, for one message. @default 3 */
  readonly storageCallsMax?: number | undefined;
}

/** A workflow task whose payloads were decoded. */
export interface DecodedTask {
  readonly bytes: Uint8Array;
  /** For {@link MessageCodec.encodeAnswer}. */
  readonly run: PayloadRun;
}

/** Applies codec and external storage to encoded messages, since workflow threads cannot call them. */
export class MessageCodec {
  /** What the payloads of user code go through. */
  readonly converter: DataConverter;
  readonly #options: MessageCodecOptions;
  readonly #callsMax: number;
  readonly #contexts = new PayloadContexts();

  constructor(converter: DataConverter, options: MessageCodecOptions) {
    this.converter = converter;
    this.#options = options;
    const { storageCallsMax = STORAGE_CALLS_MAX } = options;
    this.#callsMax = converter.externalStorage === undefined ? CALLS_MAX : storageCallsMax;
  }

  /** Decodes the payloads of a `PollWorkflowTaskQueueResponse`. */
  async decodeTask(bytes: Uint8Array): Promise<DecodedTask> {
    const task = PollWorkflowTaskQueueResponse.decode(bytes);
    const { workflowId = "", runId = "" } = task.workflowExecution ?? {};
    const { namespace } = this.#options;
    const run = { namespace, workflowId, runId, workflowType: task.workflowType?.name ?? "" };
    this.#takeNotes(run, task.history);
    return { bytes: await this.#change(PollWorkflowTaskQueueResponse, task, run, "decodePayloads", bytes), run };
  }

  /** Decodes the payloads of a `GetWorkflowExecutionHistoryResponse`. @param request Encoded. */
  decodeHistory(response: Uint8Array, request: Uint8Array): Promise<Uint8Array> {
    const { workflowId = "", runId = "" } = GetWorkflowExecutionHistoryRequest.decode(request).execution ?? {};
    const page = GetWorkflowExecutionHistoryResponse.decode(response);
    const run = { namespace: this.#options.namespace, workflowId, runId, workflowType: typeOf(page.history) };
    this.#takeNotes(run, page.history);
    return this.#change(GetWorkflowExecutionHistoryResponse, page, run, "decodePayloads", response);
  }

  /** Decodes the payloads of a `History`. */
  decodeEvents(bytes: Uint8Array, ids: { readonly workflowId: string; readonly runId: string }): Promise<Uint8Array> {
    const history = History.decode(bytes);
    const run = { ...ids, namespace: this.#options.namespace, workflowType: typeOf(history) };
    this.#takeNotes(run, history);
    return this.#change(History, history, run, "decodePayloads", bytes);
  }

  /** Encodes the payloads of what a workflow task came to. */
  async encodeAnswer(answer: WorkflowTaskAnswer, run: PayloadRun): Promise<WorkflowTaskAnswer> {
    if (answer.kind === "drop") return answer;
    const type = answerTypes[answer.kind];
    const message = type.decode(answer.body);
    return { ...answer, body: await this.#change(type, message, run, "encodePayloads", answer.body) };
  }

  /** The events are looked at before any of them is decoded, which happens in no order. */
  #takeNotes(run: PayloadRun, history: { readonly events: readonly HistoryEvent[] } | undefined): void {
    for (const event of history?.events ?? []) this.#contexts.placeOf(run, event);
  }

  /** @param unchanged The encoded message, which is answered if there are no payloads in it. */
  async #change<T extends object>(
    type: MessageType<T>,
    message: T,
    run: PayloadRun,
    direction: Direction,
    unchanged: Uint8Array,
  ): Promise<Uint8Array> {
    const { headers } = this.#options;
    const sites = payloadSites(type as unknown as MessageType<object>, message, { headers }).filter(
      ({ payloads }) => payloads.length > 0,
    );
    if (sites.length === 0) return unchanged;
    const queue = sites.values();
    let failed = false;
    const work = async (): Promise<void> => {
      for (const site of queue) {
        if (failed) return;
        try {
          site.replace(await this.#apply(site, run, direction));
        } catch (error) {
          failed = true;
          throw error;
        }
      }
    };
    await settled(Array.from({ length: Math.min(this.#callsMax, sites.length) }, work));
    return type.encode(message as never);
  }

  #apply(site: PayloadSite, run: PayloadRun, direction: Direction): Promise<Payload[]> {
    const { context, target } = this.#contexts.placeOf(run, site.owner);
    return this.converter.withContext(context).forTarget(target)[direction](site.payloads);
  }
}

/** Waits for all, so that no work goes on behind the error of another. */
async function settled(work: readonly Promise<void>[]): Promise<void> {
  const outcomes = await Promise.allSettled(work);
  const rejected = outcomes.find((outcome) => outcome.status === "rejected");
  if (rejected !== undefined) throw rejected.reason;
}

function typeOf(history: { readonly events: readonly HistoryEvent[] } | undefined): string {
  const attributes = history?.events[0]?.attributes;
  return attributes?.case === "workflowExecutionStartedEventAttributes"
    ? (attributes.value.workflowType?.name ?? "")
    : "";
}
