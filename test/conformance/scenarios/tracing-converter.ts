import {
  createPayloadConverter,
  decodeUtf8,
  encodeUtf8,
  type EncodingPayloadConverter,
  type Payload,
  type SerializationContext,
} from "perdure/converter";

/** A value that lists who has converted it, and for whom. */
export class Traced {
  readonly items: string[];

  constructor(items: string[] = []) {
    this.items = items;
  }
}

/** A context as text. */
export function nameOf(context: SerializationContext | undefined): string {
  switch (context?.kind) {
    case undefined:
      return "nobody";
    case "workflow":
      return `${context.namespace}, workflow ${context.workflowId}`;
    case "nexus":
      return `operation ${context.operation}`;
    case "activity": {
      const { namespace, activityId, activityType, taskQueue, isLocal, workflowId, workflowType } = context;
      const place = isLocal ? "local activity" : "activity";
      return `${namespace}, ${place} ${activityType} ${activityId} on ${taskQueue} of ${workflowType} ${workflowId}`;
    }
  }
}

class TracingConverter implements EncodingPayloadConverter {
  readonly encoding = "test/traced";
  readonly #context: SerializationContext | undefined;

  constructor(context?: SerializationContext) {
    this.#context = context;
  }

  toPayload(value: unknown): Payload | undefined {
    if (!(value instanceof Traced)) return undefined;
    value.items.push(`to payload for ${nameOf(this.#context)}`);
    const metadata = { encoding: encodeUtf8(this.encoding) };
    return { metadata, data: encodeUtf8(JSON.stringify(value.items)), externalPayloads: [] };
  }

  fromPayload({ data }: Payload): Traced {
    const items = JSON.parse(decodeUtf8(data)) as string[];
    return new Traced([...items, `from payload for ${nameOf(this.#context)}`]);
  }

  withContext(context: SerializationContext): this {
    return new TracingConverter(context) as this;
  }
}

/** For clients, activities and, as a module of its own, workflows. */
export const payloadConverter = createPayloadConverter({ custom: [new TracingConverter()] });
