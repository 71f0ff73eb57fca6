export { LambdaWorkerError } from "./lambda/lambda-error.ts";
export type { LambdaContext, LambdaWorkerOptions } from "./lambda/lambda-options.ts";
export { runWorker, type LambdaHandler, type LambdaWorkerVersion } from "./lambda/lambda-worker.ts";
