import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { encodingOf, Payload, type PayloadCodec } from "perdure/converter";

const ENCODING = new TextEncoder().encode("binary/gzip");
/** More is no payload of ours. */
const BYTES_MAX = 64 * 1024 * 1024;

/** Compresses payloads that get smaller by it. Put it before encryption: what is encrypted does not shrink. */
export const gzipCodec: PayloadCodec = {
  encode: (payloads) =>
    Promise.all(
      payloads.map(async (payload) => {
        const bytes = Payload.encode(payload);
        const data = new Uint8Array(await promisify(gzip)(bytes));
        return data.length < bytes.length ? { metadata: { encoding: ENCODING }, data, externalPayloads: [] } : payload;
      }),
    ),
  decode: (payloads) =>
    Promise.all(
      payloads.map(async (payload) => {
        if (encodingOf(payload) !== "binary/gzip") return payload;
        return Payload.decode(new Uint8Array(await promisify(gunzip)(payload.data, { maxOutputLength: BYTES_MAX })));
      }),
    ),
};
