import { Session } from "node:inspector";
import type { Worker } from "node:worker_threads";
import { onceInBackground } from "../../rpc/host-clock.ts";

const STACK_WAIT_MS_MAX = 500;
const FRAMES_MAX = 30;

interface CallFrame {
  readonly functionName: string;
  readonly location: { readonly scriptId: string; readonly lineNumber: number; readonly columnNumber?: number };
}

type Reply =
  | { readonly method: "Debugger.scriptParsed"; readonly params: { readonly scriptId: string; readonly url: string } }
  | { readonly method: "Debugger.paused"; readonly params: { readonly callFrames: readonly CallFrame[] } }
  | { readonly method?: undefined };

/**
 * Where a thread is that does not yield: its stack in the form of `Error.stack`, got by pausing it as a debugger does.
 *
 * The thread stays paused, so this is for one that is about to be ended. Undefined if the stack cannot be had.
 */
export function stackOfStuckThread(worker: Worker): Promise<string | undefined> {
  return new Promise((resolve) => {
    const session = new Session();
    const finish = (stack: string | undefined): void => {
      cancelTimer();
      session.disconnect();
      resolve(stack);
    };
    const cancelTimer = onceInBackground(STACK_WAIT_MS_MAX, () => finish(undefined));
    try {
      session.connect();
      watch(session, worker.threadId, finish);
    } catch {
      finish(undefined);
    }
  });
}

function watch(session: Session, threadId: number, finish: (stack: string) => void): void {
  let lastId = 0;
  const scripts = new Map<string, string>();
  session.on("NodeWorker.attachedToWorker", ({ params: { sessionId, workerInfo } }) => {
    // The inspector numbers workers as it meets them; only the title has the number that Node gave.
    if (!workerInfo.title.startsWith(`[worker ${threadId}]`)) return;
    for (const method of ["Debugger.enable", "Debugger.pause"]) {
      lastId += 1;
      session.post("NodeWorker.sendMessageToWorker", { sessionId, message: JSON.stringify({ id: lastId, method }) });
    }
  });
  session.on("NodeWorker.receivedMessageFromWorker", ({ params: { message } }) => {
    const reply = JSON.parse(message) as Reply;
    if (reply.method === "Debugger.scriptParsed") scripts.set(reply.params.scriptId, reply.params.url);
    if (reply.method === "Debugger.paused") finish(formatStack(reply.params.callFrames, scripts));
  });
  session.post("NodeWorker.enable", { waitForDebuggerOnStart: false });
}

function formatStack(frames: readonly CallFrame[], scripts: ReadonlyMap<string, string>): string {
  return frames
    .slice(0, FRAMES_MAX)
    .map(({ functionName, location: { scriptId, lineNumber, columnNumber = 0 } }) => {
      const position = `${scripts.get(scriptId) ?? ""}:${lineNumber + 1}:${columnNumber + 1}`;
      return functionName === "" ? `    at ${position}` : `    at ${functionName} (${position})`;
    })
    .join("\n");
}
