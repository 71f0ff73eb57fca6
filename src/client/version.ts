/** How this SDK names itself to services, which may refuse clients that they do not support. */
export const CLIENT_NAME = "temporal-perdure";

/** This SDK's version as it tells it to services. */
export const CLIENT_VERSION = "0.1.0";
