import { expect, test } from "vitest";
import { Turns } from "../src/workers/turns";

test("work waits for what came before it, even where that failed", async () => {
  const turns = new Turns();
  const order: string[] = [];
  const first = turns.take(async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    order.push("first");
    throw new Error("broken");
  });
  const second = turns.take(async () => {
    order.push("second");
    return 2;
  });
  await expect(first).rejects.toThrow("broken");
  expect(await second).toBe(2);
  expect(order).toEqual(["first", "second"]);
});
