import { Session } from "node:inspector";
import type { Worker } from "node:worker_threads";
import { onceInBackground } from "../../rpc/host-clock.ts";

const STACK_WAIT_MS_MAX = 500;
const FRAMES_MAX = 30;
// A look may fall between two microtasks, where no code of the user is on the stack; the deepest of some looks tells.
const LOOKS = 5;

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
 * This is for a thread that is about to be ended. Undefined if the stack cannot be had.
 */
export function stackOfStuckThread(worker: Worker): Promise<string | undefined> {
  return new Promise((resolve) => {
    const session = new Session();
    let deepest: string | undefined;
    let stop = (): void => undefined;
    const finish = (): void => {
      cancelTimer();
      stop();
      session.disconnect();
      resolve(deepest);
    };
    const cancelTimer = onceInBackground(STACK_WAIT_MS_MAX, finish);
    try {
      session.connect();
      stop = look(session, worker.threadId, (stack, isLast) => {
        if (deepest === undefined || lineCount(stack) > lineCount(deepest)) deepest = stack;
        if (isLast) finish();
      });
    } catch {
      finish();
    }
  });
}

function look(session: Session, threadId: number, onStack: (stack: string, isLast: boolean) => void): () => void {
  const scripts = new Map<string, string>();
  let lastId = 0;
  let looks = 0;
  let attached: string | undefined;
  const tell = (sessionId: string, ...methods: readonly string[]): void => {
    for (const method of methods) {
      lastId += 1;
      session.post("NodeWorker.sendMessageToWorker", { sessionId, message: JSON.stringify({ id: lastId, method }) });
    }
  };
  session.on("NodeWorker.attachedToWorker", ({ params: { sessionId, workerInfo } }) => {
    // The inspector numbers workers as it meets them; only the title has the number that Node gave.
    if (!workerInfo.title.startsWith(`[worker ${threadId}]`)) return;
    attached = sessionId;
    tell(sessionId, "Debugger.enable", "Debugger.pause");
  });
  session.on("NodeWorker.receivedMessageFromWorker", ({ params: { sessionId, message } }) => {
    const reply = JSON.parse(message) as Reply;
    if (reply.method === "Debugger.scriptParsed") scripts.set(reply.params.scriptId, reply.params.url);
    if (reply.method !== "Debugger.paused") return;
    looks += 1;
    onStack(formatStack(reply.params.callFrames, scripts), looks === LOOKS);
    if (looks < LOOKS) tell(sessionId, "Debugger.stepInto");
  });
  session.post("NodeWorker.enable", { waitForDebuggerOnStart: false });
  return () => {
    // A thread that is still paused when its debugger leaves can never be ended.
    if (attached !== undefined) tell(attached, "Debugger.disable");
  };
}

function lineCount(stack: string): number {
  return stack.split("\n").length;
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
