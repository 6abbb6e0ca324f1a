// The only way that anything gets onto the page: elements and text, never HTML from a string.

export type Child = Node | string | null | undefined | false | readonly Child[];
type Properties = Readonly<Record<string, unknown>>;

/**
 * An element. A property that is `onclick` and the like is listened to, one that is false, null or
 * undefined is left out, and the rest are attributes.
 */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value as EventListener);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...flat(children));
  return element;
}

/** A list of points. */
export const points = (...items: Child[]): HTMLElement =>
  h("ul", { class: "points" }, ...items.map((item) => item && h("li", {}, item)));

function flat(children: readonly Child[]): (Node | string)[] {
  return children.flatMap((child): (Node | string)[] => {
    if (child === null || child === undefined || child === false || child === "") return [];
    return typeof child === "string" || child instanceof Node ? [child] : flat(child);
  });
}

export const byId = (id: string): HTMLElement => document.getElementById(id)!;

/**
 * Put children in the place of what an element holds. What had the focus gets it back, and what was
 * typed stays, by the ids of fields.
 */
export function refill(element: HTMLElement, ...children: Child[]): void {
  const active = document.activeElement;
  const [id, isFramed] = element.contains(active)
    ? [active!.id, active!.matches(":focus-visible, .framed")]
    : ["", false];
  const typed = inputsIn(element).filter(({ value, defaultValue }) => value !== defaultValue);
  element.replaceChildren(...flat(children));
  for (const { id, value } of typed) {
    const field = inputsIn(element).find((input) => input.id === id);
    if (field !== undefined) field.value = value;
  }
  const focused = id === "" ? null : document.getElementById(id);
  if (isFramed) frame(focused);
  focused?.focus({ preventScroll: true });
}

/** Show where the focus is: WebKit draws no frame round what a script has given it to. */
export function frame(element: HTMLElement | null): void {
  element?.classList.add("framed");
}

/** What was typed into an element is done with. */
export function forgetTyped(element: HTMLElement): void {
  for (const input of inputsIn(element)) input.value = input.defaultValue;
}

const inputsIn = (element: HTMLElement): HTMLInputElement[] => [
  ...element.querySelectorAll<HTMLInputElement>("input:not([type])"),
];
