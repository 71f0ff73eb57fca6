import { type ChildProcess, spawn } from "node:child_process";

/** A server that is a process of its own. */
export interface Served {
  readonly process: ChildProcess;
  readonly address: string;
}

/** Starts `perdure server start-dev` on a free port, its database in a file or, without one, in memory. */
export async function serve(file?: string): Promise<Served> {
  const child = spawn(
    process.execPath,
    [
      "dist/cli/main.js",
      "server",
      "start-dev",
      "--port",
      "0",
      "--headless",
      ...(file === undefined ? [] : ["--db-filename", file]),
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const address = await new Promise<string>((resolve, reject) => {
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      const found = /(127\.0\.0\.1|localhost):(\d+)/.exec(output);
      if (found !== null) resolve(found[0]);
    });
    child.once("exit", (code) =>
      reject(new Error(`The server ended with code ${code} before it was ready: ${output}`)),
    );
  });
  return { process: child, address };
}
