/** Lets work wait for the work that came before it. */

export class Turns {
  private last: Promise<unknown> = Promise.resolve();

  /** What `work` comes to; it begins when all before it is done, or has failed. */
  take<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.last.then(work);
    this.last = result.catch(() => {});
    return result;
  }
}
