/**
 * A fixed amount of work without any library: a table of what fits on a screen, eleven cells and
 * two sparklines in a row, all new each second. It never changes, so that what it costs tells
 * machines and days apart.
 */
import { sayReady } from './boxes.ts';

const ROWS = 40;
const CELLS = 11;
const SPARKLINES = 2;
const POINTS = 60;
const WIDTH = 88;
const HEIGHT = 20;
const STEP_MS = 1_000;

interface Row {
  readonly cells: readonly HTMLElement[];
  readonly canvases: readonly CanvasRenderingContext2D[];
}

const valueOf = (row: number, column: number, second: number): number =>
  50 + 45 * Math.sin(row + column * 2 + second / 7);

const makeRow = (table: HTMLElement): Row => {
  const line = document.createElement('div');
  line.style.cssText = 'display:flex;gap:8px;height:22px';
  const cells = Array.from({ length: CELLS }, () => {
    const cell = document.createElement('span');
    cell.style.cssText = 'width:64px;font-variant-numeric:tabular-nums';
    line.append(cell);
    return cell;
  });
  const canvases = Array.from({ length: SPARKLINES }, () => {
    const canvas = document.createElement('canvas');
    canvas.width = WIDTH;
    canvas.height = HEIGHT;
    line.append(canvas);
    return canvas.getContext('2d');
  }).filter((context) => context !== null);
  table.append(line);
  return { cells, canvases };
};

const drawSparkline = (
  context: CanvasRenderingContext2D,
  row: number,
  column: number,
  second: number,
): void => {
  context.clearRect(0, 0, WIDTH, HEIGHT);
  context.beginPath();
  for (let point = 0; point < POINTS; point += 1) {
    const value = valueOf(row, column, second - POINTS + point);
    context.lineTo((point / (POINTS - 1)) * WIDTH, HEIGHT - (value / 100) * HEIGHT);
  }
  context.strokeStyle = '#5b8def';
  context.stroke();
};

const table = document.createElement('div');
document.body.append(table);
document.body.style.cssText = 'display:block;margin:10px;font:13px sans-serif';
const rows = Array.from({ length: ROWS }, () => makeRow(table));
let second = 0;
const show = (): void => {
  for (const [row, { cells, canvases }] of rows.entries()) {
    for (const [column, cell] of cells.entries()) {
      cell.textContent = valueOf(row, column, second).toFixed(1);
    }
    for (const [column, context] of canvases.entries()) drawSparkline(context, row, column, second);
  }
  second += 1;
};
show();
setInterval(() => requestAnimationFrame(show), STEP_MS);
sayReady();
