// A file that is dropped beside an upload area goes to the input of the tab in sight. Run once, by gr.HTML.
const INPUTS = "#enhance-input, #compare-input, #batch-input, #score-results";
const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");

document.addEventListener("dragover", (event) => {
  if (carriesFiles(event)) event.preventDefault(); // the browser would open the file instead of this page
});

document.addEventListener("drop", (event) => {
  if (!carriesFiles(event) || event.defaultPrevented) return; // an upload area has taken it
  event.preventDefault();
  const area = [...document.querySelectorAll(INPUTS)].find((one) => one.offsetParent);
  const input = area?.querySelector("input[type=file]");
  if (!input) return;
  const files = new DataTransfer();
  for (const file of [...event.dataTransfer.files].slice(0, input.multiple ? undefined : 1)) files.items.add(file);
  input.files = files.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
});
