/** Keeps the page for use without a connection, by the service worker of the build. */

import { say } from "./status";

/** Says in `place` once the page opens without a connection. */
export async function keepOffline(place: HTMLElement): Promise<void> {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  try {
    const registration = await navigator.serviceWorker.register(new URL("sw.js", document.baseURI));
    await navigator.serviceWorker.ready;
    place.textContent = "Kept: this page opens without a connection, too.";
    registration.addEventListener("updatefound", () => {
      if (registration.active) say("A new version of this page was loaded; it is there once all its tabs were closed.");
    });
  } catch {
    place.textContent = "This browser does not keep the page: it needs a connection when it is opened.";
  }
}
