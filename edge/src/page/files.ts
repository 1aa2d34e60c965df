/** The three ways in for files: chosen, dropped, pasted. */

import { element } from "./elements";

/** Calls back with each file that the user gives. */
export function onFile(given: (file: File) => void): void {
  const input = element<HTMLInputElement>("file");
  const drop = element("drop");
  element("choose").addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    const [file] = input.files ?? [];
    input.value = ""; // the same file can be chosen again
    if (file) given(file);
  });
  // Anywhere on the page, for whoever misses the box would else leave the page for the image.
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) drop.classList.remove("over");
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    const [file] = event.dataTransfer?.files ?? [];
    if (file) given(file);
  });
  document.addEventListener("paste", (event) => {
    const [file] = event.clipboardData?.files ?? [];
    if (file) given(file);
  });
}

const CLIPS = /\.(mp4|m4v|mov|webm|mkv|avi|ts)$/i;

/** What a file is to the page; by its name where the system knows no type. */
export function kindOf(file: File): "image" | "clip" {
  return file.type.startsWith("video/") || CLIPS.test(file.name) ? "clip" : "image";
}
