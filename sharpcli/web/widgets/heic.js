// Where the system does not know HEIC, such files come without a type, and Gradio's image uploads refuse them silently.
const unknown = (file) => /\.(hei[cf]s?|hif)$/i.test(file.name) && !file.type.startsWith("image/");
const named = (files) => {
  const all = new DataTransfer();
  for (const file of files) all.items.add(unknown(file) ? new File([file], file.name, { type: "image/heic" }) : file);
  return all.files;
};

// Before Gradio hears of it.
document.addEventListener("change", ({ target }) => {
  if (target.type === "file" && [...target.files].some(unknown)) target.files = named(target.files);
}, true);

document.addEventListener("drop", (event) => {
  const input = event.target.closest(".block")?.querySelector("input[type=file]");
  if (!input || ![...event.dataTransfer.files].some(unknown)) return;
  event.preventDefault();
  event.stopPropagation();
  input.files = named([...event.dataTransfer.files].slice(0, input.multiple ? undefined : 1));
  input.dispatchEvent(new Event("change", { bubbles: true }));
}, true);
