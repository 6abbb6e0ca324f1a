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

function flat(children: readonly Child[]): (Node | string)[] {
  return children.flatMap((child): (Node | string)[] => {
    if (child === null || child === undefined || child === false || child === "") return [];
    return typeof child === "string" || child instanceof Node ? [child] : flat(child);
  });
}

export const byId = (id: string): HTMLElement => document.getElementById(id)!;

/** Put children in the place of what an element holds; what had the focus gets it back. */
export function refill(element: HTMLElement, ...children: Child[]): void {
  const active = document.activeElement;
  const [id, isFramed] = element.contains(active)
    ? [active!.id, active!.matches(":focus-visible, .framed")]
    : ["", false];
  element.replaceChildren(...flat(children));
  const focused = id === "" ? null : document.getElementById(id);
  if (isFramed) frame(focused);
  focused?.focus({ preventScroll: true });
}

/** Show where the focus is: WebKit draws no frame round what a script has given it to. */
export function frame(element: HTMLElement | null): void {
  element?.classList.add("framed");
}
