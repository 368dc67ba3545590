/**
 * The crosshair of a chart: a line, a dot on each series, and what is to be said of the moment. It
 * is drawn on the canvas of the lines, which are put back from a copy where it goes on: sixty times a
 * second, an element for each of them has the page styled, laid out and put together anew, and a
 * canvas of its own costs as much as the one below.
 */
import type { Palette } from '../ui/palette.ts';
import type { Area } from './trace.ts';

export interface Dot {
  readonly x: number;
  readonly y: number;
  /** A token of the theme. */
  readonly colour: string;
}

export interface PointerPicture {
  readonly x: number;
  readonly area: Area;
  readonly dots: readonly Dot[];
  /** Below the line; undefined: another chart has it. */
  readonly note: string | undefined;
  readonly palette: Palette;
}

export interface Pointer {
  /** Undefined: nothing is pointed at. */
  show(picture: PointerPicture | undefined): void;
  /** The lines were drawn anew, over everything. */
  forget(): void;
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const DOT = 3.5;
const RING = 5;
const DASHES = [3, 3];
const NOTE_HEIGHT = 18;
const NOTE_PADDING = 8;
const NOTE_FONT = '600 10.5px';

const paintDot = (
  context: CanvasRenderingContext2D,
  { x, y }: Dot,
  radius: number,
  colour: string,
): void => {
  context.fillStyle = colour;
  context.beginPath();
  context.arc(x, y, radius, 0, Math.PI * 2);
  context.fill();
};

const paintLine = (
  context: CanvasRenderingContext2D,
  { x, area, dots, palette }: PointerPicture,
): Box => {
  const at = Math.round(x) + 0.5;
  context.strokeStyle = palette.colour('--tx-3');
  context.lineWidth = 1;
  context.setLineDash(DASHES);
  context.beginPath();
  context.moveTo(at, area.top);
  context.lineTo(at, area.bottom);
  context.stroke();
  for (const dot of dots) {
    paintDot(context, dot, RING, palette.colour('--bg'));
    paintDot(context, dot, DOT, palette.colour(dot.colour));
  }
  // The dots stand at the row that is nearest, which may be beside the line.
  const places = [at, ...dots.map((dot) => dot.x)];
  const left = Math.min(...places) - RING - 1;
  const right = Math.max(...places) + RING + 1;
  const top = area.top - RING - 1;
  return { x: left, y: top, width: right - left, height: area.bottom + RING + 1 - top };
};

const paintNote = (
  context: CanvasRenderingContext2D,
  note: string,
  { x, area, palette }: PointerPicture,
  widthOf: (note: string) => number,
): Box => {
  context.font = `${NOTE_FONT} ${palette.font}`;
  const most = area.right - NOTE_PADDING * 2;
  const written = Math.min(most, widthOf(note));
  const width = written + NOTE_PADDING * 2;
  const left = Math.max(0, Math.min(Math.round(x - width / 2), Math.round(area.right - width)));
  const box = { x: left, y: area.bottom + 1, width, height: NOTE_HEIGHT };
  context.fillStyle = palette.colour('--tx');
  context.beginPath();
  context.roundRect(box.x, box.y, box.width, box.height, 3);
  context.fill();
  context.fillStyle = palette.colour('--bg');
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  // Squeezed where it is too long.
  context.fillText(note, left + NOTE_PADDING, box.y + NOTE_HEIGHT / 2 + 0.5, most);
  return box;
};

export const makePointer = (canvas: HTMLCanvasElement): Pointer => {
  const context = canvas.getContext('2d');
  /** The lines without a pointer; undefined: not copied since they were drawn. */
  let copy: ImageBitmap | undefined;
  let covered: readonly Box[] = [];
  /** The note stays the same for some moves. */
  let measured = { note: '', width: 0 };

  const widthOf = (note: string): number => {
    if (measured.note !== note) measured = { note, width: context?.measureText(note).width ?? 0 };
    return measured.width;
  };
  const keep = (): void => {
    if (copy !== undefined) return;
    const onto = new OffscreenCanvas(canvas.width, canvas.height);
    onto.getContext('2d')?.drawImage(canvas, 0, 0);
    // A bitmap and not the canvas, of which each use would make one.
    copy = onto.transferToImageBitmap();
  };
  const putBack = (): void => {
    if (context === null || copy === undefined) return;
    const ratio = context.getTransform().a;
    context.save();
    context.resetTransform();
    for (const box of covered) {
      const x = Math.max(0, Math.floor(box.x * ratio) - 1);
      const y = Math.max(0, Math.floor(box.y * ratio) - 1);
      const width = Math.min(canvas.width - x, Math.ceil(box.width * ratio) + 3);
      const height = Math.min(canvas.height - y, Math.ceil(box.height * ratio) + 3);
      if (width <= 0 || height <= 0) continue;
      context.clearRect(x, y, width, height);
      context.drawImage(copy, x, y, width, height, x, y, width, height);
    }
    context.restore();
    covered = [];
  };
  return {
    show: (picture) => {
      if (context === null || canvas.width === 0 || canvas.height === 0) return;
      if (covered.length > 0) putBack();
      if (picture === undefined) return;
      keep();
      context.save();
      const line = paintLine(context, picture);
      const { note } = picture;
      covered = note === undefined ? [line] : [line, paintNote(context, note, picture, widthOf)];
      context.restore();
    },
    forget: () => {
      copy?.close();
      copy = undefined;
      covered = [];
    },
  };
};
