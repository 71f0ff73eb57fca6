import { request } from "node:https";
import { expect, onTestFinished, test } from "vitest";
import { createAuthority } from "../../rpc/certificate.test-support.ts";
import { startServer } from "../index.ts";

const authority = createAuthority("Test authority");

interface Asked {
  readonly port: number;
  readonly client?: { readonly cert: string; readonly key: string };
}

/** The status of a request for a completion that nobody waits for. */
function ask({ port, client }: Asked): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: "127.0.0.1", port, path: "/nexus/callback", method: "POST", ca: authority.cert, ...client },
      (response) => {
        response.resume();
        resolve(response.statusCode);
      },
    );
    asked.on("error", reject).end();
  });
}

test("Nexus over HTTP is served over TLS, to callers with a certificate only if that is asked for", async () => {
  const own = authority.issue("localhost");
  for (const clientRootCACert of [undefined, authority.cert]) {
    const tls = { ...own, ...(clientRootCACert === undefined ? {} : { clientRootCACert }) };
    const server = await startServer({ listenHttp: { tls } });
    onTestFinished(() => server.stop());
    const port = server.httpAddress?.port ?? 0;
    expect(await ask({ port, client: authority.issue("caller") })).toBe(400);
    const without = ask({ port });
    if (clientRootCACert === undefined) expect(await without).toBe(400);
    else await expect(without).rejects.toThrow(/certificate|socket|ECONNRESET/i);
  }
});
