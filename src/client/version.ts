/** How this SDK names itself to services, which may refuse clients that they do not support. */
export const CLIENT_NAME = "temporal-perdure";

// As it tells it to services.
export { SDK_VERSION as CLIENT_VERSION } from "../core/sdk-version.ts";
