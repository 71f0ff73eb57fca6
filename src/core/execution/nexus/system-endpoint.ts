/** Endpoint by which workflows reach the server itself. */
export const SYSTEM_NEXUS_ENDPOINT = "__temporal_system";
