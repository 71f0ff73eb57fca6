/** Who did it, where the server did it on its own. The service writes this name, and tools know it. */
export const SERVER_IDENTITY = "history-service";
