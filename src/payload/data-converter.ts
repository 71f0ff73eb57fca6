import type { Memo, Payload } from "../proto/gen/common.ts";
import type { Failure } from "../proto/gen/failure.ts";
import { defaultPayloadConverter } from "./default-converter.ts";
import { defaultFailureConverter, type FailureConverter } from "./failure-converter.ts";
import { mapFailurePayloads, type PayloadCodec } from "./payload-codec.ts";
import { type PayloadConverter, RawValue } from "./payload-converter.ts";
import { ExternalStorageError, type ExternalStorage } from "./external-storage.ts";
import { PayloadConversionError } from "./payload-error.ts";
import { inContext, type SerializationContext } from "./serialization-context.ts";
import type { StorageTarget } from "./storage-driver.ts";
import { isReference } from "./storage-reference.ts";

/** The parts of a {@link DataConverter}. */
export interface DataConverterOptions {
  /** @default {@link defaultPayloadConverter} */
  readonly payloadConverter?: PayloadConverter;
  /** @default {@link defaultFailureConverter} */
  readonly failureConverter?: FailureConverter;
  /** @default none */
  readonly codec?: PayloadCodec | undefined;
  /** Where large payloads are kept, after the codec has encoded them. @default with the service */
  readonly externalStorage?: ExternalStorage | undefined;
}

/** All that happens to values between user code and the wire. */
export class DataConverter {
  readonly payloadConverter: PayloadConverter;
  readonly failureConverter: FailureConverter;
  readonly codec: PayloadCodec | undefined;
  readonly externalStorage: ExternalStorage | undefined;
  readonly #storageTarget: StorageTarget | undefined;

  /** @param storageTarget Whom stored payloads are for; see {@link forTarget}. */
  constructor(options: DataConverterOptions = {}, storageTarget?: StorageTarget) {
    this.payloadConverter = options.payloadConverter ?? defaultPayloadConverter;
    this.failureConverter = options.failureConverter ?? defaultFailureConverter;
    this.codec = options.codec;
    this.externalStorage = options.externalStorage;
    this.#storageTarget = storageTarget;
  }

  /** Whether payloads change on their way out and in. */
  get changesPayloads(): boolean {
    return this.codec !== undefined || this.externalStorage !== undefined;
  }

  /** Values as payloads ready to be sent. */
  async encode(values: readonly unknown[]): Promise<Payload[]> {
    return this.encodePayloads(this.payloadConverter.toPayloads(values));
  }

  /** Values of received payloads. */
  async decode(payloads: readonly Payload[]): Promise<unknown[]> {
    return payloads.length === 0 ? [] : this.payloadConverter.fromPayloads(await this.decodePayloads(payloads));
  }

  /** Received payloads for code that takes them unconverted. */
  async decodeRaw(payloads: readonly Payload[]): Promise<RawValue[]> {
    return (await this.decodePayloads(payloads)).map((payload) => new RawValue(payload));
  }

  /** Only what the codec and external storage do. */
  async encodePayloads(payloads: readonly Payload[]): Promise<Payload[]> {
    if (payloads.length === 0) return [];
    const encoded =
      this.codec === undefined ? [...payloads] : checkCount(payloads, await this.codec.encode(payloads), "encode");
    return this.externalStorage === undefined ? encoded : this.externalStorage.store(encoded, this.#storageTarget);
  }

  /**
   * Only what external storage and the codec do.
   *
   * @throws {ExternalStorageError} If payloads are kept elsewhere and no external storage is set up.
   */
  async decodePayloads(payloads: readonly Payload[]): Promise<Payload[]> {
    if (payloads.length === 0) return [];
    if (this.externalStorage === undefined && payloads.some(isReference))
      throw new ExternalStorageError(
        "[TMPRL1105] Detected externally stored payload(s) but external storage is not configured.",
      );
    const found = this.externalStorage === undefined ? [...payloads] : await this.externalStorage.retrieve(payloads);
    return this.codec === undefined ? found : checkCount(found, await this.codec.decode(found), "decode");
  }

  /** An error as a failure ready to be sent. */
  async encodeFailure(error: unknown): Promise<Failure> {
    const failure = this.failureConverter.toFailure(error, this.payloadConverter);
    return this.changesPayloads ? mapFailurePayloads(failure, (payloads) => this.encodePayloads(payloads)) : failure;
  }

  /** The error of a received failure. */
  async decodeFailure(failure: Failure): Promise<Error> {
    const decoded = await mapFailurePayloads(failure, (payloads) => this.decodePayloads(payloads));
    return this.failureConverter.fromFailure(decoded, this.payloadConverter);
  }

  /** Named values, each as a payload of its own: a memo, or headers. */
  async encodeFields(fields: Readonly<Record<string, unknown>>): Promise<Record<string, Payload>> {
    const entries = Object.entries(fields).map(
      async ([key, value]) => [key, (await this.encode([value]))[0] as Payload] as const,
    );
    return Object.fromEntries(await Promise.all(entries));
  }

  /** The values of a memo or of other named payloads. */
  async decodeFields(fields: Memo["fields"]): Promise<Record<string, unknown>> {
    const entries = Object.entries(fields).map(
      async ([key, payload]) => [key, (await this.decode([payload]))[0]] as const,
    );
    return Object.fromEntries(await Promise.all(entries));
  }

  /** The same with other parts. */
  with(options: DataConverterOptions): DataConverter {
    const { payloadConverter, failureConverter, codec, externalStorage } = this;
    return new DataConverter(
      { payloadConverter, failureConverter, codec, externalStorage, ...options },
      this.#storageTarget,
    );
  }

  /** For converters and codecs that behave differently from workflow to workflow; the same object if none does. */
  withContext(context: SerializationContext): DataConverter {
    const payloadConverter = inContext(this.payloadConverter, context);
    const failureConverter = inContext(this.failureConverter, context);
    const codec = this.codec === undefined ? undefined : inContext(this.codec, context);
    const isSame =
      payloadConverter === this.payloadConverter && failureConverter === this.failureConverter && codec === this.codec;
    return isSame ? this : this.with({ payloadConverter, failureConverter, codec });
  }

  /** Tells external storage whom payloads are stored for; the same object without external storage. */
  forTarget(target: StorageTarget | undefined): DataConverter {
    return this.externalStorage === undefined ? this : new DataConverter(this, target);
  }
}

/** A codec that loses payloads must be heard of before they are missed. */
function checkCount(given: readonly Payload[], changed: Payload[], direction: "encode" | "decode"): Payload[] {
  if (changed.length > 0 && (direction === "decode" || changed.length <= given.length)) return changed;
  throw new PayloadConversionError(
    `Cannot ${direction} payloads: the codec answered ${changed.length} for ${given.length}, expected at least one and at most as many`,
  );
}

/** What client and worker use if they are told nothing else. */
export const defaultDataConverter: DataConverter = new DataConverter();
