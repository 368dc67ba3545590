/** The last minutes of one number in a few pixels. Gaps stay gaps; dashed is the host's view. */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Trail } from '../state/trail.ts';

export interface SparklineProps {
  readonly trail: Trail;
  /** Drawn again when this changes. */
  readonly tick: number;
  /** A token of the theme: `--s1`. */
  readonly colour: string;
  readonly width: number;
  readonly height: number;
  /** The value at the top; undefined: the largest there is. */
  readonly top?: number;
  readonly dashed?: boolean;
}

const POINTS = 150;

const largest = (trail: Trail): number => {
  let most = 0;
  for (let index = 0; index < trail.length; index += 1) most = Math.max(most, trail.at(index) ?? 0);
  return most === 0 ? 1 : most * 1.1;
};

const paint = (canvas: HTMLCanvasElement, props: SparklineProps): void => {
  const { trail, colour, width, height, dashed = false } = props;
  const context = canvas.getContext('2d');
  if (context === null) return;
  const ratio = window.devicePixelRatio;
  if (canvas.width !== Math.round(width * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const top = props.top ?? largest(trail);
  const stroke = getComputedStyle(canvas).getPropertyValue(colour);
  const step = width / (POINTS - 1);
  const line = new Path2D();
  const area = new Path2D();
  let startX: number | undefined;
  let lastX = 0;
  const closeArea = (): void => {
    if (startX === undefined) return;
    area.lineTo(lastX, height);
    area.lineTo(startX, height);
    area.closePath();
    startX = undefined;
  };
  for (let index = 0; index < trail.length; index += 1) {
    const value = trail.at(index);
    if (value === undefined) {
      closeArea();
    } else {
      const x = width - (trail.length - 1 - index) * step;
      const y = height - 1 - (Math.min(value, top) / top) * (height - 2);
      if (startX === undefined) {
        line.moveTo(x, y);
        area.moveTo(x, y);
        startX = x;
      } else {
        line.lineTo(x, y);
        area.lineTo(x, y);
      }
      lastX = x;
    }
  }
  closeArea();
  context.setLineDash(dashed ? [2, 2] : []);
  context.globalAlpha = 0.16;
  context.fillStyle = stroke;
  // oxlint-disable-next-line unicorn/no-array-fill-with-reference-type -- a canvas, no array
  context.fill(area);
  context.globalAlpha = 1;
  context.strokeStyle = stroke;
  context.lineWidth = 1.2;
  context.stroke(line);
};

export const Sparkline = (props: SparklineProps): JSX.Element => {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (canvas.current !== null) paint(canvas.current, props);
  });
  return (
    <canvas
      ref={canvas}
      class="sparkline"
      style={{ width: `${props.width}px`, height: `${props.height}px` }}
      aria-hidden="true"
    />
  );
};
