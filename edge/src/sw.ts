/** The service worker: keeps the page and its networks, so that it opens without a connection. Imports nothing. */

declare const __FILES__: string[];
declare const __BUILD__: string;

/** The few events of a service worker that are used here; the DOM's types are for pages. */
interface Worker {
  clients: { claim(): Promise<void> };
  registration: { scope: string };
  addEventListener(kind: "install" | "activate", work: (event: { waitUntil(done: Promise<unknown>): void }) => void): void;
  addEventListener(
    kind: "fetch",
    work: (event: { request: Request; respondWith(answer: Promise<Response>): void }) => void,
  ): void;
}

const worker = globalThis as unknown as Worker;
const scope = worker.registration.scope;
const NAME = `sharpcli-edge ${new URL(scope).pathname} `;
const CACHE = NAME + __BUILD__;

// A new build waits until no tab shows the old one, whose parts it would else hand out as they are asked for.
worker.addEventListener("install", (event) => event.waitUntil(fill()));
worker.addEventListener("activate", (event) => event.waitUntil(clean().then(() => worker.clients.claim())));

async function fill(): Promise<void> {
  const cache = await caches.open(CACHE);
  // Past the browser's own cache, which may hold a file of the build before under the same name.
  await cache.addAll(__FILES__.map((name) => new Request(new URL(name, scope), { cache: "no-cache" })));
}

async function clean(): Promise<void> {
  const old = (await caches.keys()).filter((name) => name.startsWith(NAME) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(scope)) return;
  event.respondWith(answer(request));
});

/** From what is kept; what is not, such as an estimator, is kept from the first time it is asked for. */
async function answer(request: Request): Promise<Response> {
  const url = new URL(request.url);
  const asked = url.origin + url.pathname === scope ? new URL("index.html", scope) : url;
  const cache = await caches.open(CACHE);
  const kept = await cache.match(asked, { ignoreSearch: true });
  if (kept) return kept;
  const fresh = await fetch(request);
  if (fresh.status === 200 && /\.(bin|js)$/.test(url.pathname)) await cache.put(asked, fresh.clone());
  return fresh;
}
