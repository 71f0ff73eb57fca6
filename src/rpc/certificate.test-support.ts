import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

/** A certificate and its key, as PEM. */
export interface Certified {
  readonly cert: string;
  readonly key: string;
}

/** An authority that lives as long as the test does. */
export interface TestAuthority {
  /** Its own certificate, as PEM. */
  readonly cert: string;
  /** Signs a certificate for hosts with the DNS names given, and for 127.0.0.1. */
  issue(commonName: string, dnsNames?: readonly string[]): Certified;
}

/** Makes an authority, with nothing but Node: certificates are written here as the DER that X.509 defines. */
export function createAuthority(commonName: string): TestAuthority {
  const authority = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const issue = (subject: string, publicKey: KeyObject, extensions: readonly Buffer[]): string => {
    const signedPart = sequence(
      tagged(0xa0, integer(Buffer.from([2]))),
      integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
      ECDSA_WITH_SHA256,
      name(commonName),
      sequence(der(0x17, Buffer.from("200101000000Z")), der(0x18, Buffer.from("20991231235959Z"))),
      name(subject),
      publicKey.export({ type: "spki", format: "der" }),
      tagged(0xa3, sequence(...extensions)),
    );
    const signature = sign("sha256", signedPart, authority.privateKey);
    return pem(sequence(signedPart, ECDSA_WITH_SHA256, bitString(signature)));
  };
  const isAuthority = extension([2, 5, 29, 19], sequence(der(0x01, Buffer.from([0xff]))));
  return {
    cert: issue(commonName, authority.publicKey, [isAuthority]),
    issue: (subject, dnsNames = []) => {
      const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const names = [
        ...dnsNames.map((dnsName) => tagged(0x82, Buffer.from(dnsName))),
        tagged(0x87, Buffer.from([127, 0, 0, 1])),
      ];
      const cert = issue(subject, publicKey, [extension([2, 5, 29, 17], sequence(...names))]);
      return { cert, key: privateKey.export({ type: "pkcs8", format: "pem" }).toString() };
    },
  };
}

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  if (length < 0x100) return Buffer.concat([Buffer.from([tag, 0x81, length]), content]);
  return Buffer.concat([Buffer.from([tag, 0x82, length >> 8, length & 0xff]), content]);
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts);
const tagged = (tag: number, ...parts: readonly Uint8Array[]): Buffer => der(tag, ...parts);
const integer = (bytes: Uint8Array): Buffer => der(0x02, bytes);
const bitString = (bytes: Uint8Array): Buffer => der(0x03, Buffer.from([0]), bytes);

function objectId([first = 0, second = 0, ...rest]: readonly number[]): Buffer {
  const bytes = [first * 40 + second];
  for (const part of rest) {
    const groups = [part & 0x7f];
    for (let left = part >> 7; left > 0; left >>= 7) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return der(0x06, Buffer.from(bytes));
}

function name(commonName: string): Buffer {
  const attribute = sequence(objectId([2, 5, 4, 3]), der(0x0c, Buffer.from(commonName)));
  return sequence(der(0x31, attribute));
}

function extension(id: readonly number[], value: Buffer): Buffer {
  return sequence(objectId(id), der(0x01, Buffer.from([0xff])), der(0x04, value));
}

const ECDSA_WITH_SHA256 = sequence(objectId([1, 2, 840, 10045, 4, 3, 2]));

function pem(bytes: Buffer): string {
  const lines = bytes.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}
