import { toDurationMs, type Duration } from "../core/time/duration.ts";
import { readWithin } from "./read-within.ts";

const CALL_TIMEOUT_MS = 120_000;

/** An object of S3. */
export interface S3ObjectPlace {
  readonly bucket: string;
  readonly key: string;
}

/** What the driver needs of S3; write one to use another library than Amazon's. */
export interface S3StorageDriverClient {
  putObject(object: S3ObjectPlace & { readonly data: Uint8Array }): Promise<void>;
  objectExists(object: S3ObjectPlace): Promise<boolean>;
  /**
   * `undefined` if the bucket is there and the object is not.
   *
   * @param object `maxBytes`: what is larger is not wanted, and need not be read.
   */
  getObject(object: S3ObjectPlace & { readonly maxBytes?: number | undefined }): Promise<Uint8Array | undefined>;
  /** For messages of errors. */
  describe?(): Promise<{ readonly region?: string | undefined }>;
}

/** As much of an `S3Client` of `@aws-sdk/client-s3` as is used. */
export interface AwsS3Client {
  readonly send: (command: never) => Promise<unknown>;
  readonly config: { readonly region: () => Promise<string> };
}

/** How {@link awsS3Client} calls. */
export interface AwsS3ClientOptions {
  /** How long a call may take, tries of the client's own included. @default "2m" */
  readonly callTimeout?: Duration | undefined;
}

/**
 * The driver's client over a client of `@aws-sdk/client-s3`, which must be installed. The package is loaded with the
 * first call.
 */
export function awsS3Client(client: AwsS3Client, options: AwsS3ClientOptions = {}): S3StorageDriverClient {
  const timeoutMs = toDurationMs(options.callTimeout ?? CALL_TIMEOUT_MS);
  const call = client.send.bind(client) as unknown as (command: object, options: object) => Promise<unknown>;
  const send = (command: object): Promise<unknown> => call(command, { abortSignal: AbortSignal.timeout(timeoutMs) });
  const load = (): Promise<typeof import("@aws-sdk/client-s3")> => import("@aws-sdk/client-s3");
  return {
    async putObject({ bucket, key, data }) {
      const { PutObjectCommand } = await load();
      await send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: data }));
    },
    async objectExists({ bucket, key }) {
      const { HeadObjectCommand } = await load();
      try {
        await send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
        return true;
      } catch (error) {
        if (isNotFound(error)) return false;
        throw error;
      }
    },
    async getObject({ bucket, key, maxBytes = Infinity }) {
      const { GetObjectCommand } = await load();
      try {
        const { Body: body } = (await send(new GetObjectCommand({ Bucket: bucket, Key: key }))) as GetObjectOutput;
        return await readWithin(body ?? [], maxBytes);
      } catch (error) {
        if (error instanceof Error && error.name === "NoSuchKey") return undefined;
        throw error;
      }
    },
    async describe() {
      return { region: await client.config.region() };
    },
  };
}

interface GetObjectOutput {
  readonly Body?: AsyncIterable<Uint8Array> | undefined;
}

function isNotFound(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { $metadata } = error as { readonly $metadata?: { readonly httpStatusCode?: number } };
  return error.name === "NotFound" || $metadata?.httpStatusCode === 404;
}
