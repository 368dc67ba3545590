/**
 * Colours and weights of a terminal's text (ECMA-48, "select graphic rendition"), as class names.
 * Any colour becomes the nearest of eight, which the theme makes readable.
 */

export interface Sgr {
  /** @param codes what stands between `ESC [` and `m` */
  apply(codes: string): void;
  className(): string;
}

interface Look {
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
  inverse: boolean;
  strike: boolean;
  front: number | undefined;
  back: number | undefined;
}

const plainLook = (): Look => ({
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  inverse: false,
  strike: false,
  front: undefined,
  back: undefined,
});

const CUBE_START = 16;
const GREYS_START = 232;
const DARK = 64;

/** Red is 1, green 2, blue 4, as in the eight colours themselves. */
const nearest = (red: number, green: number, blue: number): number => {
  const most = Math.max(red, green, blue);
  if (most < DARK) return 0;
  const bit = (value: number): number => (value > most / 2 ? 1 : 0);
  return bit(red) + 2 * bit(green) + 4 * bit(blue);
};

const indexed = (code: number): number => {
  if (code < CUBE_START) return code % 8;
  if (code >= GREYS_START) return code < GREYS_START + 10 ? 0 : 7;
  const cube = code - CUBE_START;
  return nearest(Math.floor(cube / 36) * 51, (Math.floor(cube / 6) % 6) * 51, (cube % 6) * 51);
};

/** After 38 or 48: the colour, and how many codes it took. */
const extended = (codes: readonly number[], at: number): readonly [number | undefined, number] => {
  const [kind, first = 0, second = 0, third = 0] = codes.slice(at, at + 4);
  if (kind === 5) return [first > 255 ? undefined : indexed(first), 2];
  if (kind === 2) return [nearest(first, second, third), 4];
  return [undefined, 1];
};

type Change = (look: Look) => void;

const CHANGES: Readonly<Record<number, Change>> = {
  1: (look) => (look.bold = true),
  2: (look) => (look.dim = true),
  3: (look) => (look.italic = true),
  4: (look) => (look.underline = true),
  7: (look) => (look.inverse = true),
  9: (look) => (look.strike = true),
  22: (look) => (look.bold = look.dim = false),
  23: (look) => (look.italic = false),
  24: (look) => (look.underline = false),
  27: (look) => (look.inverse = false),
  29: (look) => (look.strike = false),
  39: (look) => (look.front = undefined),
  49: (look) => (look.back = undefined),
};

const classesOf = (look: Look): string => {
  const front = look.inverse ? look.back : look.front;
  const back = look.inverse ? (look.front ?? 7) : look.back;
  const names = [
    look.bold ? 'sgr-bold' : '',
    look.dim ? 'sgr-dim' : '',
    look.italic ? 'sgr-italic' : '',
    look.underline ? 'sgr-underline' : '',
    look.strike ? 'sgr-strike' : '',
    front === undefined ? '' : `sgr-front-${front}`,
    back === undefined ? '' : `sgr-back-${back}`,
  ];
  return names.filter((name) => name !== '').join(' ');
};

export const makeSgr = (): Sgr => {
  let look = plainLook();
  let className = '';
  const applyOne = (code: number): void => {
    if (code === 0) look = plainLook();
    else if (code >= 30 && code <= 37) look.front = code - 30;
    else if (code >= 40 && code <= 47) look.back = code - 40;
    else if (code >= 90 && code <= 97) look.front = code - 90;
    else if (code >= 100 && code <= 107) look.back = code - 100;
    else CHANGES[code]?.(look);
  };
  return {
    className: () => className,
    apply: (text) => {
      const codes = text.split(/[;:]/u).map(Number);
      for (let at = 0; at < codes.length; at += 1) {
        const code = codes[at] ?? 0;
        if (code !== 38 && code !== 48) {
          applyOne(code);
          continue;
        }
        const [colour, taken] = extended(codes, at + 1);
        if (code === 38) look.front = colour;
        else look.back = colour;
        at += taken;
      }
      className = classesOf(look);
    },
  };
};
