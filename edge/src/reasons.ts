/** What was thrown, in words. Errors of this edition are whole sentences, for people; those of browsers may be anything. */

/** The message of whatever was thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error && error.message ? error.message : String(error);
}

/** A sentence without its full stop, to be part of another one. */
export function bare(sentence: string): string {
  return sentence.trim().replace(/\.$/, "");
}
