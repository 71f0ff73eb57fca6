import { parentPort, workerData, type MessagePort } from "node:worker_threads";
import { serveServerThread, type ServerThreadData } from "./thread-service.ts";

// The entry of a server's own thread: there is nothing to do here but to start.
void serveServerThread(parentPort as MessagePort, workerData as ServerThreadData);
