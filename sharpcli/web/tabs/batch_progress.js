// The dialog of the tab Batch: opened when the server has filled it, emptied when it is closed.
watch("value", () => {
  const dialog = element.querySelector("dialog");
  if (dialog && !dialog.open) dialog.showModal();
});
element.addEventListener("click", (event) => {
  if (event.target.matches("[data-close], dialog")) event.target.closest("dialog").close();
});
// So that the same image can be opened once more. This event does not bubble.
element.addEventListener("close", () => { props.value = ""; }, true);
