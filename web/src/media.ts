// Texts, images and audio that a task names by their hash: fetched from the site, compared with the
// hash, and only then shown. A file is what its bytes are, and none is run: SVG and HTML are text.

import { content } from "./api.ts";
import { h } from "./dom.ts";
import { harmless } from "./harmless.ts";
import { hasHash, type Media } from "./protocol.ts";

const LARGEST = 32 * 2 ** 20; // bytes of an image or a sound
const LARGEST_TEXT = 2 ** 20;
const TEXT = "text/plain";
const UNREADABLE = "the file is damaged, or this browser cannot play or draw its kind";

// Where a mark begins, the mark, and the type: the first that is there counts, as in the library.
const MARKS: [start: number, mark: string, type: string][] = [
  [0, "\x89PNG\r\n\x1a\n", "image/png"],
  [0, "\xff\xd8\xff", "image/jpeg"],
  [0, "GIF87a", "image/gif"],
  [0, "GIF89a", "image/gif"],
  [8, "WEBP", "image/webp"],
  [4, "ftypavif", "image/avif"],
  [4, "ftypM4A ", "audio/mp4"],
  [8, "WAVE", "audio/wav"],
  [0, "OggS", "audio/ogg"],
  [0, "fLaC", "audio/flac"],
  [0, "ID3", "audio/mpeg"],
  ...["\xfb", "\xfa", "\xf3", "\xf2"].map((second): [number, string, string] => [
    0,
    "\xff" + second,
    "audio/mpeg",
  ]),
];
const IN_RIFF = ["image/webp", "audio/wav"];

/** What bytes are; null if they are none of what can be shown. */
export function typeOf(bytes: Uint8Array): string | null {
  const head = String.fromCharCode(...bytes.subarray(0, 16));
  for (const [start, mark, type] of MARKS)
    if (head.startsWith(mark, start) && (!IN_RIFF.includes(type) || head.startsWith("RIFF")))
      return type;
  return textOf(bytes) === null ? null : TEXT;
}

function textOf(bytes: Uint8Array): string | null {
  if (bytes.length === 0 || bytes.length > LARGEST_TEXT) return null;
  if (bytes.some((byte) => byte < 32 && ![9, 10, 12, 13].includes(byte))) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

const shownUrls = new Set<string>();

/** Give back the memory of what was shown of a task that is shown no more. */
export function forgetMedia(): void {
  for (const url of shownUrls) URL.revokeObjectURL(url);
  shownUrls.clear();
}

/** What a task refers to: a box that fills once it is here and verified, or says why it does not. */
export function mediaView(media: Media, name: string): HTMLElement {
  const box = h("div", { class: "media", "aria-busy": "true" }, h("p", {}, "Loading …"));
  const settle = (...shown: (Node | string)[]): void => {
    box.removeAttribute("aria-busy");
    box.replaceChildren(...shown);
  };
  const fail = (why: string): void => {
    box.setAttribute("role", "alert");
    settle(h("p", { class: "error" }, `Not shown: ${why}. Skip this task.`));
  };
  verified(media)
    .then((bytes) => settle(viewOf(bytes, name, () => fail(UNREADABLE))))
    .catch((error: Error) => fail(error.message));
  return box;
}

async function verified(media: Media): Promise<Uint8Array> {
  const bytes = await content(`/tasks/media/${media.sha256}`, LARGEST);
  if (!hasHash(bytes, media.sha256))
    throw new Error("what the site has is NOT what the round was opened with");
  return bytes;
}

/** An element that shows them; what a browser cannot draw or play it says later, by `onerror`. */
function viewOf(bytes: Uint8Array, name: string, onerror: () => void): HTMLElement {
  const type = typeOf(bytes);
  if (type === null) return h("p", { class: "error" }, "A file of a kind that cannot be shown.");
  if (type === TEXT) return h("div", { class: "text" }, harmless(textOf(bytes)!, "\n"));
  const src = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type }));
  shownUrls.add(src);
  const called = harmless(name) || "the task";
  if (type.startsWith("audio/"))
    return h("audio", { src, onerror, controls: true, "aria-label": `Sound: ${called}` });
  // Nobody knows what an image shows: that is what is asked.
  return h("img", { src, onerror, alt: `Image: ${called}` });
}
