/* oxlint-disable no-restricted-globals -- Tests compare with the platform's own calendar. */

/** `2024-01-31T12:30:00` as milliseconds since the epoch. */
export function utcMs(text: string): number {
  return Date.parse(`${text}Z`);
}

/** Milliseconds since the epoch as `2024-01-31T12:30:00`; undefined for undefined. */
export function utcText(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString().slice(0, -5);
}
