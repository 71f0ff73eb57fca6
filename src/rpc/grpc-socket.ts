import { request } from "node:http";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { checkServerIdentity, connect as connectTls, type ConnectionOptions } from "node:tls";
import type { HostPort } from "./host-port.ts";
import { parseHostPort } from "./host-port.ts";

/** How a connection is encrypted. Certificates and keys are PEM. */
export interface TLSConfig {
  /** Certificate of the authority that signed the server's. @default the authorities that Node knows */
  readonly serverRootCACert?: string | Uint8Array;
  /** Name sent to the server (SNI and `:authority`) and, unless `verificationServerName` is given, checked in its certificate. @default the address's host */
  readonly domain?: string;
  /** Certificate of this client, for mTLS; goes with `clientPrivateKey`. */
  readonly clientCert?: string | Uint8Array;
  /** Key of `clientCert`. */
  readonly clientPrivateKey?: string | Uint8Array;
  /** Name to check in the server's certificate where it is not the name that is sent. */
  readonly verificationServerName?: string;
}

/** A proxy that connections go through, by HTTP's CONNECT. */
export interface HttpConnectProxyConfig {
  /** `host:port` of the proxy, or `unix:/path` of its socket. */
  readonly targetHost: string;
  readonly basicAuth?: { readonly user: string; readonly password: string };
}

/** Where to connect, and how. */
export interface DialOptions {
  readonly target: HostPort;
  /** The one of the host's addresses to connect to. @default whichever the system finds first */
  readonly address?: string | undefined;
  readonly tls?: TLSConfig | undefined;
  readonly proxy?: HttpConnectProxyConfig | undefined;
}

/** Opens the byte stream that HTTP/2 will run on. Aborting `signal` gives it up. */
export async function dial(options: DialOptions, signal: AbortSignal): Promise<Duplex> {
  const { target, address = target.host, tls, proxy } = options;
  const socket =
    proxy === undefined ? await openTcp(address, target.port, signal) : await openThroughProxy(target, proxy, signal);
  try {
    return tls === undefined ? socket : await encrypt(socket, target, tls, signal);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function openTcp(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp({ host, port, noDelay: true, signal });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(socket);
    });
  });
}

function openThroughProxy(target: HostPort, proxy: HttpConnectProxyConfig, signal: AbortSignal): Promise<Socket> {
  const unix = proxy.targetHost.startsWith("unix:");
  const where = unix ? { socketPath: proxy.targetHost.slice(5) } : parseHostPort(proxy.targetHost);
  const headers: Record<string, string> = { host: target.authority };
  if (proxy.basicAuth !== undefined) {
    const { user, password } = proxy.basicAuth;
    headers["proxy-authorization"] = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  }
  return new Promise((resolve, reject) => {
    const asked = request({ ...where, method: "CONNECT", path: target.authority, headers, signal });
    asked.once("error", (error) => {
      reject(new Error(`proxy "${proxy.targetHost}": ${error.message}`, { cause: error }));
    });
    asked.once("connect", (response, socket: Socket, head) => {
      const status = response.statusCode ?? 0;
      if (status < 200 || status > 299) {
        socket.destroy();
        return reject(new Error(`proxy "${proxy.targetHost}" refused with HTTP status ${status}`));
      }
      if (head.byteLength > 0) socket.unshift(head);
      socket.setNoDelay(true);
      resolve(socket);
    });
    asked.once("response", (response) => {
      response.destroy();
      reject(new Error(`proxy "${proxy.targetHost}" refused with HTTP status ${response.statusCode}`));
    });
    asked.end();
  });
}

function encrypt(socket: Socket, target: HostPort, tls: TLSConfig, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const secure = connectTls({ ...tlsOptions(target, tls), socket });
    const giveUp = (): void => fail(signal.reason as Error);
    const closed = (): void => fail(new Error("the server closed the connection during the TLS handshake"));
    const fail = (error: Error): void => {
      signal.removeEventListener("abort", giveUp);
      secure.destroy();
      reject(error);
    };
    signal.addEventListener("abort", giveUp, { once: true });
    secure.once("error", fail);
    secure.once("close", closed);
    secure.once("secureConnect", () => {
      if (secure.alpnProtocol !== "h2") {
        return fail(new Error("the server does not offer HTTP/2 over TLS, which gRPC needs"));
      }
      signal.removeEventListener("abort", giveUp);
      secure.off("close", closed).off("error", fail);
      resolve(secure);
    });
  });
}

function tlsOptions(target: HostPort, tls: TLSConfig): ConnectionOptions {
  const name = tls.domain ?? target.host;
  const verified = tls.verificationServerName;
  return {
    host: target.host,
    ALPNProtocols: ["h2"],
    // An IP address is no name to announce; the certificate is then checked for the address itself.
    ...(isIP(name) === 0 && { servername: name }),
    ...(tls.serverRootCACert !== undefined && { ca: toBuffer(tls.serverRootCACert) }),
    ...(tls.clientCert !== undefined && { cert: toBuffer(tls.clientCert) }),
    ...(tls.clientPrivateKey !== undefined && { key: toBuffer(tls.clientPrivateKey) }),
    ...(verified !== undefined && {
      checkServerIdentity: (_host, certificate) => checkServerIdentity(verified, certificate),
    }),
  };
}

function toBuffer(pem: string | Uint8Array): Buffer {
  return typeof pem === "string" ? Buffer.from(pem) : Buffer.from(pem);
}
