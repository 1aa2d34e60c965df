import { expect, test } from "vitest";
import { LENGTH, NOTHING, vectorOf } from "../../src/networks/degradation";
import { untouched } from "../../src/networks/fold";
import { blurred, called } from "../../src/networks/told";
import expected from "./expected.json";

test.each([
  [0, blurred({ kind: "gaussian", size: 2, noise: 3 })],
  [1, blurred({ kind: "defocus", size: 1.5 })],
  [2, blurred({ kind: "motion", size: 6, light: "encoded" })],
  [3, called({ coding: 4, enlarged: 1.5 })],
  [4, called({ coding: 0 })],
])("what a person says becomes the vector that Python makes of it (%i)", (index, said) => {
  const vector = vectorOf(said);
  expect(vector.length).toBe(LENGTH);
  expected.vectors[index].vector.forEach((value, place) => expect(vector[place]).toBeCloseTo(value, 6));
});

test("of an image that nothing happened to, networks are told zeros", () => {
  expect(untouched(vectorOf(NOTHING))).toBe(true);
  expect(untouched(vectorOf(blurred({ kind: "none", size: 2 })))).toBe(true);
  expect(untouched(vectorOf(called({ coding: 0 })))).toBe(true);
});
