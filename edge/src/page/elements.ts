/** The page's elements by their ids. */

/** The element of an id, which the page's HTML has. */
export function element<T extends HTMLElement = HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

/** A new element with some text. */
export function made<K extends keyof HTMLElementTagNameMap>(name: K, text = ""): HTMLElementTagNameMap[K] {
  const one = document.createElement(name);
  one.textContent = text;
  return one;
}

/** A table with a caption; the first cell of each row is its heading. */
export function table(caption: string, head: readonly string[], rows: readonly (readonly string[])[]): HTMLTableElement {
  const whole = made("table");
  whole.append(made("caption", caption));
  const line = whole.createTHead().insertRow();
  for (const text of head) Object.assign(line.appendChild(made("th", text)), { scope: "col" });
  const body = whole.createTBody();
  for (const [first, ...rest] of rows) {
    const row = body.insertRow();
    Object.assign(row.appendChild(made("th", first)), { scope: "row" });
    row.append(...rest.map((text) => made("td", text)));
  }
  return whole;
}
