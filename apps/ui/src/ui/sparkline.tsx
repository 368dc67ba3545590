/** The last minutes of one number in a few pixels. Gaps stay gaps; dashed is the host's view. */
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import type { Trail } from '../state/trail.ts';
import { lineWidth } from './line-width.ts';
import type { Palette } from './palette.ts';

export interface SparklineProps {
  readonly trail: Trail;
  /** Drawn again when this changes and it is in sight; at once when anything else does. */
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
const LINE_WIDTH = 1.2;

const largest = (trail: Trail): number => {
  let most = 0;
  for (let index = 0; index < trail.length; index += 1) most = Math.max(most, trail.at(index) ?? 0);
  return most === 0 ? 1 : most * 1.1;
};

const paint = (canvas: HTMLCanvasElement, props: SparklineProps, palette: Palette): void => {
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
  const stroke = palette.colour(colour);
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
  context.lineWidth = lineWidth(LINE_WIDTH, ratio);
  context.stroke(line);
};

interface Wanted {
  readonly props: SparklineProps;
  readonly palette: Palette;
}

const isSamePicture = (one: Wanted, other: Wanted): boolean =>
  one.palette === other.palette &&
  one.props.trail === other.props.trail &&
  one.props.colour === other.props.colour &&
  one.props.width === other.props.width &&
  one.props.height === other.props.height &&
  one.props.top === other.props.top &&
  one.props.dashed === other.props.dashed;

export const Sparkline = (props: SparklineProps): JSX.Element => {
  const app = useApp();
  const canvas = useRef<HTMLCanvasElement>(null);
  const painted = useRef<Wanted | undefined>(undefined);
  const wanted = useRef<Wanted | undefined>(undefined);
  wanted.current = { props, palette: app.palette.value };
  const update = (): void => {
    const [before, now] = [painted.current, wanted.current];
    if (canvas.current === null || now === undefined) return;
    if (before !== undefined && isSamePicture(before, now)) {
      if (before.props.tick === now.props.tick || !app.sight.isIn(canvas.current)) return;
    }
    painted.current = now;
    paint(canvas.current, now.props, now.palette);
  };
  // In the frame of the figures beside it, and not in one of its own.
  useLayoutEffect(update);
  useEffect(
    () => (canvas.current === null ? undefined : app.sight.watch(canvas.current, update)),
    [app],
  );
  return (
    <canvas
      ref={canvas}
      class="sparkline"
      style={{ width: `${props.width}px`, height: `${props.height}px` }}
      aria-hidden="true"
    />
  );
};
