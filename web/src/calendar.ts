// A calendar file that says by when to come back (RFC 5545).

const REMIND = "-PT30M";

/** An event of a quarter of an hour that ends at a deadline, unix seconds. */
export function calendarFile(
  id: string,
  deadline: number,
  title: string,
  text: string,
  url: string,
): string {
  const lines = [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Plumbline//Labeling page//EN",
    "BEGIN:VEVENT",
    `UID:${id}@plumbline`,
    `DTSTAMP:${stamp(Math.floor(Date.now() / 1000))}`,
    `DTSTART:${stamp(deadline - 900)}`,
    `DTEND:${stamp(deadline)}`,
    `SUMMARY:${escaped(title)}`,
    `DESCRIPTION:${escaped(text)}`,
    `URL:${url}`,
    "BEGIN:VALARM",
    "ACTION:DISPLAY",
    `DESCRIPTION:${escaped(title)}`,
    `TRIGGER:${REMIND}`,
    "END:VALARM",
    "END:VEVENT",
    "END:VCALENDAR",
  ];
  return lines.map((line) => folded(line) + "\r\n").join("");
}

const stamp = (time: number): string =>
  new Date(time * 1000).toISOString().replace(/[-:]|\.\d{3}/g, "");

const escaped = (text: string): string =>
  text.replace(/[\\;,]/g, "\\$&").replace(/\n/g, "\\n");

/** Lines of 75 bytes at most, as calendars want them. */
function folded(line: string): string {
  let [whole, size] = ["", 0];
  for (const letter of line) {
    const bytes = new TextEncoder().encode(letter).length;
    if (size + bytes > 74) [whole, size] = [whole + "\r\n ", 1];
    whole += letter;
    size += bytes;
  }
  return whole;
}
