const host = globalThis as unknown as {
  readonly TextEncoder: new () => { encode(text: string): Uint8Array };
  readonly TextDecoder: new () => { decode(bytes: Uint8Array): string };
};
const encoder = new host.TextEncoder();
const decoder = new host.TextDecoder();

/** Text as UTF-8. */
export function utf8Bytes(text: string): Uint8Array {
  return encoder.encode(text);
}

/** UTF-8 as text; what is no UTF-8 becomes U+FFFD. */
export function utf8Text(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** Length of a text in UTF-8, as the service counts the length of ids. */
export function utf8Length(text: string): number {
  let length = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit > 0x7ff) length += 2;
    else if (unit > 0x7f) length += 1;
    // A surrogate pair is two units of three bytes by this count, but four bytes in truth.
    if (unit >= 0xd800 && unit <= 0xdbff) length -= 2;
  }
  return length;
}
