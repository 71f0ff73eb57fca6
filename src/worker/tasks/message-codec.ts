import type { PayloadCodec } from "../../payload/payload-codec.ts";
import { History } from "../../proto/gen/history.ts";
import {
  GetWorkflowExecutionHistoryResponse,
  PollWorkflowTaskQueueResponse,
  RespondQueryTaskCompletedRequest,
  RespondWorkflowTaskCompletedRequest,
  RespondWorkflowTaskFailedRequest,
} from "../../proto/gen/workflowservice.ts";
import type { MessageType } from "../../proto/message.ts";
import { payloadSites, type PayloadSite, type SiteOptions } from "./payload-sites.ts";
import type { WorkflowTaskAnswer } from "./workflow-processor.ts";

/** Calls of the codec that one message has in progress at a time. */
const CALLS_MAX = 16;

const answerTypes = {
  complete: RespondWorkflowTaskCompletedRequest,
  fail: RespondWorkflowTaskFailedRequest,
  answerQuery: RespondQueryTaskCompletedRequest,
} as unknown as Readonly<Record<"complete" | "fail" | "answerQuery", MessageType<object>>>;

/** Applies a payload codec to encoded messages, since workflow threads cannot call it. */
export class MessageCodec {
  readonly #codec: PayloadCodec;
  readonly #options: SiteOptions;

  constructor(codec: PayloadCodec, options: SiteOptions = { headers: false }) {
    this.#codec = codec;
    this.#options = options;
  }

  /** Decodes the payloads of a `PollWorkflowTaskQueueResponse`. */
  decodeTask(task: Uint8Array): Promise<Uint8Array> {
    return this.#change(PollWorkflowTaskQueueResponse, task, "decode");
  }

  /** Decodes the payloads of a `GetWorkflowExecutionHistoryResponse`. */
  decodeHistory(response: Uint8Array): Promise<Uint8Array> {
    return this.#change(GetWorkflowExecutionHistoryResponse, response, "decode");
  }

  /** Decodes the payloads of a `History`. */
  decodeEvents(history: Uint8Array): Promise<Uint8Array> {
    return this.#change(History, history, "decode");
  }

  /** Encodes the payloads of what a workflow task came to. */
  async encodeAnswer(answer: WorkflowTaskAnswer): Promise<WorkflowTaskAnswer> {
    if (answer.kind === "drop") return answer;
    return { ...answer, body: await this.#change(answerTypes[answer.kind], answer.body, "encode") };
  }

  async #change<T extends object>(
    type: MessageType<T>,
    bytes: Uint8Array,
    direction: "encode" | "decode",
  ): Promise<Uint8Array> {
    const message = type.decode(bytes);
    const sites = payloadSites(type as unknown as MessageType<object>, message, this.#options).filter(
      ({ payloads }) => payloads.length > 0,
    );
    if (sites.length === 0) return bytes;
    const queue = sites.values();
    const work = async (): Promise<void> => {
      for (const site of queue) await this.#apply(site, direction);
    };
    await Promise.all(Array.from({ length: Math.min(CALLS_MAX, sites.length) }, work));
    return type.encode(message as never);
  }

  async #apply(site: PayloadSite, direction: "encode" | "decode"): Promise<void> {
    site.replace(await this.#codec[direction](site.payloads));
  }
}
