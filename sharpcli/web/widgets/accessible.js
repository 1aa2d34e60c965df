// Run once when the page is there. Gives Gradio's widgets the names and roles that they lack, as they appear.
() => {
  const fileName = (url) => decodeURIComponent(new URL(url).pathname.split("/").at(-1)).replace(/\.\w+$/, "");
  // What still has to be mended, and how; what is mended no longer matches.
  const mends = {
    ".gallery-item img[alt='']": (image) => (image.alt = fileName(image.src)),
    ".image-frame img[alt='']": (image) => (image.alt = image.closest(".block").querySelector("label").textContent.trim()),
    // A button within a button, by which the outer one is reached all the same.
    "button button:not([inert])": (inner) => (inner.inert = true),
    ".empty[aria-label]:not([role])": (place) => place.setAttribute("role", "img"),
    "footer img:not([alt=''])": (image) => (image.alt = ""), // the text beside it says the same
    "[id$='-status']:not([role]), #compare-notes:not([role])": (line) => line.setAttribute("role", "status"),
    "[role=tabpanel][id]:not([aria-labelledby])": (panel) => panel.setAttribute("aria-labelledby", panel.id + "-button"),
  };
  const mend = () => {
    for (const [selector, how] of Object.entries(mends)) document.querySelectorAll(selector).forEach(how);
  };
  let due = false;
  const soon = () => {
    if (due) return;
    due = true; // not for each of the changes that a camera's figures make
    setTimeout(() => ((due = false), mend()), 100);
  };
  new MutationObserver(soon).observe(document.body, { childList: true, subtree: true });
  mend();

  // A row of tabs is one thing, in which arrows lead from one to the next, and round.
  document.addEventListener("keydown", ({ key, target }) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[key];
    if (!by || target.role !== "tab") return;
    const tabs = [...target.parentElement.querySelectorAll("[role=tab]")];
    const next = tabs.at((tabs.indexOf(target) + by) % tabs.length);
    next.focus();
    next.click();
  });
}
