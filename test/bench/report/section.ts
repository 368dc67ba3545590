/** The sections of docs/bench.md that the benchmark writes: `<!-- bench:agent -->…<!-- /bench:agent -->`. */

export type Replaced =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: string };

export const replaceSection = (text: string, name: string, content: string): Replaced => {
  const opening = `<!-- bench:${name} -->`;
  const closing = `<!-- /bench:${name} -->`;
  const start = text.indexOf(opening);
  const end = text.indexOf(closing);
  if (start === -1 || end < start) {
    return { ok: false, reason: `there is no section ${opening}…${closing}` };
  }
  if (text.indexOf(opening, start + 1) !== -1 || text.indexOf(closing, end + 1) !== -1) {
    return { ok: false, reason: `there are two sections ${opening}` };
  }
  const before = text.slice(0, start + opening.length);
  return { ok: true, text: `${before}\n\n${content.trim()}\n\n${text.slice(end)}` };
};
