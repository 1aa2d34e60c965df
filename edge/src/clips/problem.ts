/** What went wrong with a clip, for people. */

/** A sentence for an error of the browser's or of mediabunny's, met so many seconds into the clip. */
export function inWords(error: unknown, seconds: number): Error {
  const { name, message } = error instanceof Error ? error : { name: "", message: String(error) };
  const at = `${seconds.toFixed(2)} s`;
  if (name === "QuotaExceededError") return new Error("There is no room left on this device for the clip; make some and try again.", { cause: error });
  if (error instanceof RangeError) return new Error(`There is not enough memory for the clip's frames at ${at}.`, { cause: error });
  return new Error(`The clip could not be sharpened beyond ${at}; it may be damaged there (${message}).`, { cause: error });
}
