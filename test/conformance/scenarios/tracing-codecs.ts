import {
  CompositePayloadConverter,
  DefaultFailureConverter,
  encodeUtf8,
  decodeUtf8,
  type FailureConverter,
  JsonPayloadConverter,
  type Payload,
  type PayloadCodec,
  type PayloadConverter,
  type SerializationContext,
} from "perdure/converter";
import { nameOf } from "./tracing-converter.ts";

type Note = (item: string) => void;

/** Tells what it does and for whom. */
export function tracingFailureConverter(note: Note, context?: SerializationContext): FailureConverter {
  const usual = new DefaultFailureConverter();
  return {
    toFailure(error, payloadConverter) {
      note(`to failure for ${nameOf(context)}`);
      return usual.toFailure(error, payloadConverter);
    },
    fromFailure(failure, payloadConverter) {
      note(`from failure for ${nameOf(context)}`);
      return usual.fromFailure(failure, payloadConverter);
    },
    withContext: <T>(given: SerializationContext) => tracingFailureConverter(note, given) as T,
  };
}

/** Tells what it does and for whom, and changes nothing. */
export function tracingCodec(note: Note, context?: SerializationContext): PayloadCodec {
  return {
    async encode(payloads) {
      note(`encode for ${nameOf(context)}`);
      return [...payloads];
    },
    async decode(payloads) {
      note(`decode for ${nameOf(context)}`);
      return [...payloads];
    },
    withContext: <T>(given: SerializationContext) => tracingCodec(note, given) as T,
  };
}

/** Puts the context in the place of every value, and wants to find the same where the value arrives. */
export function contextCodec(context?: SerializationContext): PayloadCodec {
  const own = encodeUtf8(JSON.stringify(nameOf(context)));
  return {
    encode: async (payloads) => payloads.map((payload): Payload => ({ ...payload, data: own })),
    async decode(payloads) {
      return payloads.map((payload): Payload => {
        const found = decodeUtf8(payload.data);
        if (found !== decodeUtf8(own)) throw new Error(`found ${found}, expected ${decodeUtf8(own)}`);
        return { ...payload, data: encodeUtf8(`"inbound"`) };
      });
    },
    withContext: <T>(given: SerializationContext) => contextCodec(given) as T,
  };
}

/** A composite converter of the user's own class, with a part that has a context. */
export function renamingConverter(): PayloadConverter {
  class Part extends JsonPayloadConverter {
    withContext(): this {
      return new Part() as this;
    }
  }
  class Renaming extends CompositePayloadConverter {
    override toPayloads(): Payload[] {
      throw new Error("the user's own method was called");
    }
  }
  return new Renaming(new Part());
}
