import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** `perdure server start-dev` on one file and port, as a process that can be killed and started again. */
export class ServerProcess {
  readonly #file: string;
  #child: ChildProcess | undefined;
  #port = 0;

  constructor(file: string) {
    this.#file = file;
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** Resolves when the server answers. The port is a free one at first and stays the same. */
  async start(): Promise<void> {
    const args = [
      "--import",
      "tsx",
      "src/cli/main.ts",
      "server",
      "start-dev",
      "--headless",
      "--port",
      String(this.#port),
      "--db-filename",
      this.#file,
    ];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    let output = "";
    child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
    await new Promise<void>((resolve, reject) => {
      child.stdout.on("data", (chunk: Buffer) => {
        output += chunk.toString();
        const found = /(?:127\.0\.0\.1|localhost):(\d+)/.exec(output);
        if (found === null) return;
        this.#port = Number(found[1]);
        resolve();
      });
      child.once("exit", (code) =>
        reject(new Error(`The server ended with code ${code} before it was ready: ${output}`)),
      );
    });
  }

  /** Ends the process as a power cut would, with no chance to write anything. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  }

  /** Ends it the ordinary way; rejects if it does not end with code 0. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    child.kill("SIGTERM");
    const [code] = (await once(child, "exit")) as [number | null];
    if (code !== 0) throw new Error(`The server ended with code ${code} on SIGTERM`);
  }
}
