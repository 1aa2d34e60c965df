import { expect, test } from "vitest";
import { Governor } from "../../src/calls/governor";

const RUNGS = [
  { name: "student", every: 1 },
  { name: "student-live", every: 1 },
  { name: "student-live on every 2nd frame", every: 2 },
  { name: "pass through", every: 1 },
];
const FRAME = 1 / 30;

/** A camera of 30 frames a second, and a clock that only it winds. */
class Camera {
  now = 0;
  said: string[] = [];
  governor = new Governor(RUNGS, FRAME, () => this.now, (reason) => this.said.push(reason));

  constructor(public costs: number[]) {}

  run(seconds: number): string {
    const end = this.now + seconds;
    while (this.now < end) {
      const cost = this.costs[this.governor.index];
      this.now += Math.max(cost, FRAME * this.governor.rung.every);
      this.governor.took(cost);
    }
    return this.governor.rung.name;
  }
}

test("what fits stays, and nothing is said", () => {
  const camera = new Camera([0.02, 0.005, 0.005, 0]);
  expect(camera.run(60)).toBe("student");
  expect(camera.said).toEqual([]);
});

test("frames that are late for two windows bring a step down, with its reason in words", () => {
  const camera = new Camera([0.06, 0.012, 0.012, 0]);
  expect(camera.run(1.5)).toBe("student");
  expect(camera.run(2)).toBe("student-live");
  expect(camera.said).toEqual(["down to student-live: a frame takes 60 ms, 33 ms allowed"]);
});

test("every second frame has twice the time", () => {
  expect(new Camera([0.2, 0.05, 0.05, 0]).run(15)).toBe("student-live on every 2nd frame");
});

test("where nothing fits, frames pass through", () => {
  expect(new Camera([0.5, 0.3, 0.3, 0.001]).run(18)).toBe("pass through");
});

test("a frame that takes seconds is enough to step down", () => {
  const camera = new Camera([6, 0.012, 0.012, 0]);
  expect(camera.run(7)).toBe("student-live");
});

test("one slow second changes nothing", () => {
  const camera = new Camera([0.02, 0.005, 0.005, 0]);
  camera.run(5);
  camera.costs[0] = 0.05;
  camera.run(1);
  camera.costs[0] = 0.02;
  expect(camera.run(5)).toBe("student");
});

test("what is affordable again is taken up again after a calm while", () => {
  const camera = new Camera([0.06, 0.012, 0.012, 0]);
  camera.run(10);
  camera.costs[0] = 0.02;
  expect(camera.run(40)).toBe("student");
  expect(camera.said.at(-1)).toBe("up to student: there was time for it");
});

test("a rung that stays too slow is tried ever more seldom", () => {
  const camera = new Camera([0.06, 0.012, 0.012, 0]);
  camera.run(600);
  const early = camera.said.length;
  camera.run(600);
  expect(camera.said.length - early).toBeLessThan(early);
});

test("a pause is not held against the rung", () => {
  const camera = new Camera([0.06, 0.012, 0.012, 0]);
  camera.run(1.5);
  camera.governor.restart();
  camera.costs[0] = 0.02;
  expect(camera.run(10)).toBe("student");
});
