import type { RealmHost } from "./realm-host.ts";
import { toText } from "./web-text.ts";

interface DecoderOptions {
  readonly fatal?: boolean;
  readonly ignoreBOM?: boolean;
}

/** `TextEncoder` and `TextDecoder` of workflow code. */
export function createTextCoding(host: RealmHost): { readonly TextEncoder: unknown; readonly TextDecoder: unknown } {
  class TextEncoder {
    readonly encoding = "utf-8";

    encode(text = ""): Uint8Array {
      // Copied into an array of this realm, so that `instanceof Uint8Array` holds.
      return new Uint8Array(host.encodeUtf8(toText(text)));
    }

    encodeInto(text: string, target: Uint8Array): { read: number; written: number } {
      let read = 0;
      let written = 0;
      for (const character of toText(text)) {
        const bytes = host.encodeUtf8(character);
        if (written + bytes.length > target.length) break;
        target.set(bytes, written);
        written += bytes.length;
        read += character.length;
      }
      return { read, written };
    }
  }

  class TextDecoder {
    readonly encoding: string;
    readonly fatal: boolean;
    readonly ignoreBOM: boolean;

    constructor(label = "utf-8", { fatal = false, ignoreBOM = false }: DecoderOptions = {}) {
      const encoding = host.encodingName(toText(label));
      if (encoding === undefined) throw new RangeError(`The "${label}" encoding is not supported`);
      this.encoding = encoding;
      this.fatal = fatal;
      this.ignoreBOM = ignoreBOM;
    }

    decode(bytes: ArrayBufferView | ArrayBuffer = new Uint8Array(), options?: { readonly stream?: boolean }): string {
      if (options?.stream === true)
        throw new TypeError("Cannot decode a stream in workflow code: decode the whole input at once");
      const input = ArrayBuffer.isView(bytes)
        ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
        : bytes;
      try {
        return host.decodeText(input, this.encoding, this.fatal, this.ignoreBOM);
      } catch {
        throw new TypeError(`The encoded data was not valid for encoding ${this.encoding}`);
      }
    }
  }
  return { TextEncoder, TextDecoder };
}
