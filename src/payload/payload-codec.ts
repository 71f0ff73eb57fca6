import type { Payload, Payloads } from "../proto/gen/common.ts";
import type { Failure } from "../proto/gen/failure.ts";
import { inContext, type SerializationContext } from "./serialization-context.ts";

/** Changes payloads on their way out and back on their way in: encryption, compression. Runs outside of workflows. */
export interface PayloadCodec {
  /** The payloads to send: at least one, and at most as many. Must not change those given. */
  encode(payloads: readonly Payload[]): Promise<Payload[]>;
  decode(payloads: readonly Payload[]): Promise<Payload[]>;
  withContext?(context: SerializationContext): PayloadCodec;
}

/** Codecs one after the other: encoding from the first to the last, decoding the other way round. */
export function chainCodecs(...codecs: readonly PayloadCodec[]): PayloadCodec {
  return {
    async encode(payloads) {
      let current: readonly Payload[] = payloads;
      for (const codec of codecs) current = await codec.encode(current);
      return [...current];
    },
    async decode(payloads) {
      let current: readonly Payload[] = payloads;
      for (const codec of codecs.toReversed()) current = await codec.decode(current);
      return [...current];
    },
    withContext: (context) => chainCodecs(...codecs.map((codec) => inContext(codec, context))),
  };
}

/** A copy of a failure whose payloads, at any depth of its causes, went through `change`. */
export async function mapFailurePayloads(
  failure: Failure,
  change: (payloads: readonly Payload[]) => Promise<Payload[]>,
): Promise<Failure> {
  const mapped: Failure = { ...failure, failureInfo: await mapInfo(failure.failureInfo, change) };
  if (failure.encodedAttributes !== undefined)
    mapped.encodedAttributes = (await change([failure.encodedAttributes]))[0];
  if (failure.cause !== undefined) mapped.cause = await mapFailurePayloads(failure.cause, change);
  return mapped;
}

async function mapInfo(
  info: Failure["failureInfo"],
  change: (payloads: readonly Payload[]) => Promise<Payload[]>,
): Promise<Failure["failureInfo"]> {
  const map = async (wrapper: Payloads | undefined): Promise<Payloads | undefined> =>
    wrapper === undefined || wrapper.payloads.length === 0
      ? wrapper
      : { ...wrapper, payloads: await change(wrapper.payloads) };
  switch (info?.case) {
    case "applicationFailureInfo":
    case "canceledFailureInfo":
      return {
        case: info.case,
        value: { ...info.value, details: await map(info.value.details) },
      } as Failure["failureInfo"];
    case "timeoutFailureInfo":
    case "resetWorkflowFailureInfo":
      return {
        case: info.case,
        value: { ...info.value, lastHeartbeatDetails: await map(info.value.lastHeartbeatDetails) },
      } as Failure["failureInfo"];
    case "terminatedFailureInfo":
    case "serverFailureInfo":
    case "activityFailureInfo":
    case "childWorkflowExecutionFailureInfo":
    case "nexusOperationExecutionFailureInfo":
    case "nexusHandlerFailureInfo":
    case undefined:
      return info;
  }
}
