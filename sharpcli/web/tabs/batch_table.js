// The table of the tab Batch: the thumbnails of a file open it large.
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-row]");
  if (button) trigger("click", { row: Number(button.dataset.row) });
});
