import { webcrypto } from "node:crypto";
import { encodingOf, Payload, type PayloadCodec } from "perdure/converter";

const ENCODING = new TextEncoder().encode("binary/encrypted");
const NONCE_BYTES = 12;

/** Keys by their ids. Old ones stay, to read what they have encrypted, until no history needs them any more. */
export interface KeyRing {
  /** The id of the key that encrypts from now on. */
  readonly current: string;
  readonly keys: Readonly<Record<string, webcrypto.CryptoKey>>;
}

/** A key of 256 bits, from 32 random bytes that a key management service keeps. */
export function importKey(bytes: Uint8Array<ArrayBuffer>): Promise<webcrypto.CryptoKey> {
  return webcrypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
}

/** Encrypts whole payloads by AES-GCM, so that the service sees neither values nor what kind they are of. */
export function encryptionCodec({ current, keys }: KeyRing): PayloadCodec {
  return {
    encode: (payloads) =>
      Promise.all(
        payloads.map(async (payload) => {
          const iv = webcrypto.getRandomValues(new Uint8Array(NONCE_BYTES));
          const clear = Uint8Array.from(Payload.encode(payload));
          const sealed = await webcrypto.subtle.encrypt({ name: "AES-GCM", iv }, keyOf(keys, current), clear);
          const data = new Uint8Array([...iv, ...new Uint8Array(sealed)]);
          const keyId = new TextEncoder().encode(current);
          return { metadata: { encoding: ENCODING, "encryption-key-id": keyId }, data, externalPayloads: [] };
        }),
      ),
    decode: (payloads) =>
      Promise.all(
        payloads.map(async (payload) => {
          // What was written before there was encryption stays readable.
          if (encodingOf(payload) !== "binary/encrypted") return payload;
          const key = keyOf(keys, new TextDecoder().decode(payload.metadata["encryption-key-id"]));
          const iv = Uint8Array.from(payload.data.subarray(0, NONCE_BYTES));
          const sealed = Uint8Array.from(payload.data.subarray(NONCE_BYTES));
          const clear = await webcrypto.subtle.decrypt({ name: "AES-GCM", iv }, key, sealed);
          return Payload.decode(new Uint8Array(clear));
        }),
      ),
  };
}

function keyOf(keys: KeyRing["keys"], id: string): webcrypto.CryptoKey {
  const key = keys[id];
  if (key === undefined) throw new Error(`Cannot decrypt a payload: no key "${id}" in the key ring`);
  return key;
}
