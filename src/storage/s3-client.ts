/** An object of S3. */
export interface S3ObjectPlace {
  readonly bucket: string;
  readonly key: string;
}

/** What the driver needs of S3; write one to use another library than Amazon's. */
export interface S3StorageDriverClient {
  putObject(object: S3ObjectPlace & { readonly data: Uint8Array }): Promise<void>;
  objectExists(object: S3ObjectPlace): Promise<boolean>;
  getObject(object: S3ObjectPlace): Promise<Uint8Array>;
  /** For messages of errors. */
  describe?(): Promise<{ readonly region?: string | undefined }>;
}

/** As much of an `S3Client` of `@aws-sdk/client-s3` as is used. */
export interface AwsS3Client {
  readonly send: (command: never) => Promise<unknown>;
  readonly config: { readonly region: () => Promise<string> };
}

/**
 * The driver's client over a client of `@aws-sdk/client-s3`, which must be installed. The package is loaded with the
 * first call.
 */
export function awsS3Client(client: AwsS3Client): S3StorageDriverClient {
  const send = client.send.bind(client) as (command: object) => Promise<unknown>;
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
    async getObject({ bucket, key }) {
      const { GetObjectCommand } = await load();
      const { Body: body } = (await send(new GetObjectCommand({ Bucket: bucket, Key: key }))) as GetObjectOutput;
      return body === undefined ? new Uint8Array() : body.transformToByteArray();
    },
    async describe() {
      return { region: await client.config.region() };
    },
  };
}

interface GetObjectOutput {
  readonly Body?: { transformToByteArray(): Promise<Uint8Array> } | undefined;
}

function isNotFound(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { $metadata } = error as { readonly $metadata?: { readonly httpStatusCode?: number } };
  return error.name === "NotFound" || $metadata?.httpStatusCode === 404;
}
