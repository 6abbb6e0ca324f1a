// What strangers wrote, as it may be shown: `plumbline.harmless` of the library, for a page.
//
// What does not print, or turns the line round, is shown as its code point, `<U+202E>`: a text that
// hides something should not look as if it did not. Joiners, marks of direction and soft hyphens
// stay where people put them, inside words, and so do emoji and flags of regions.

const BREAK = /\r\n|[\n\r\v\f\x85\u2028\u2029]/;
const TAB = 4;
const PLAIN = /^[ -~]*$/;
const INSIDE = /[\u00ad\u200c\u200d\u200e\u200f\u061c]/;
const DIRECTION = /[\u200e\u200f\u061c]/;
const FLAG = /\u{1f3f4}[\u{e0030}-\u{e007a}]{2,6}\u{e007f}/uy;
// Of one letter as a whole: WebKit of 2022 finds half an emoji otherwise, and takes it for \p{Cs}.
const HIDDEN = /^[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]$/u;
const SPACE = /\p{Zs}/u;

/** A stranger's text without power over what shows it; `lineBreak` is put between lines. */
export function harmless(text: string, lineBreak = " "): string {
  if (PLAIN.test(text)) return text;
  return text
    .split(BREAK)
    .map((line) => shown(untabbed(line)))
    .join(lineBreak);
}

/** Spaces up to the next stop in the place of tabs. */
function untabbed(line: string): string {
  let said = "";
  let column = 0;
  for (const letter of line) {
    const added = letter === "\t" ? " ".repeat(TAB - (column % TAB)) : letter;
    said += added;
    column += letter === "\t" ? added.length : 1;
  }
  return said;
}

function shown(line: string): string {
  let said = "";
  for (let at = 0; at < line.length; ) {
    FLAG.lastIndex = at;
    const flag = FLAG.exec(line);
    if (flag !== null) {
      said += flag[0];
      at += flag[0].length;
      continue;
    }
    const letter = String.fromCodePoint(line.codePointAt(at)!);
    if (INSIDE.test(letter)) {
      let end = at;
      while (end < line.length && INSIDE.test(line[end]!)) end++;
      const before = at > 0 && isVisible(letterBefore(line, at));
      const isLast = end === line.length;
      const after = !isLast && isVisible(String.fromCodePoint(line.codePointAt(end)!));
      for (const inner of line.slice(at, end))
        said += hasPlace(inner, before, after, isLast) ? inner : codePoint(inner);
      at = end;
    } else {
      said += isShown(letter) ? letter : codePoint(letter);
      at += letter.length;
    }
  }
  return said;
}

function letterBefore(line: string, at: number): string {
  const unit = line.charCodeAt(at - 1);
  const isHalf = unit >= 0xdc00 && unit < 0xe000 && at > 1;
  return String.fromCodePoint(line.codePointAt(isHalf ? at - 2 : at - 1)!);
}

function hasPlace(letter: string, before: boolean, after: boolean, isLast: boolean): boolean {
  if (letter === "\u00ad") return before && after;
  if (DIRECTION.test(letter)) return before || after;
  return before && !isLast; // else it would join what follows the text
}

const isEmoji = (letter: string): boolean => {
  const point = letter.codePointAt(0)!;
  return point >= 0x1f000 && point < 0x1fffe;
};

const isShown = (letter: string): boolean =>
  !HIDDEN.test(letter) || (isEmoji(letter) && /\p{Cn}/u.test(letter));

const isVisible = (letter: string): boolean => isShown(letter) && !SPACE.test(letter);

const codePoint = (letter: string): string =>
  `<U+${letter.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}>`;
