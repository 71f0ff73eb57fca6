export type { AwsS3Client, AwsS3ClientOptions, S3ObjectPlace, S3StorageDriverClient } from "./storage/s3-client.ts";
export { awsS3Client } from "./storage/s3-client.ts";
export type { S3StorageDriverOptions } from "./storage/s3-driver.ts";
export { S3StorageDriver } from "./storage/s3-driver.ts";
