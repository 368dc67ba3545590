/** Each core as a strip of colour: the last 66 seconds, or those before the crosshair. */
import { effect } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useApp } from '../../app-context.ts';
import type { Moment } from '../../state/vm-live.ts';
import type { Palette } from '../../ui/palette.ts';
import { FAILURE_WORDS } from '../../ui/state-words.ts';
import { useVm } from './vm-stores.ts';

const STEPS = 66;
const RAMP = ['--h0', '--h1', '--h2', '--h3', '--h4', '--h5'] as const;
const LABEL_PX = 22;
const VALUE_PX = 36;
/** Below this height of a row its number would not fit. */
const LEAST_LABELLED_PX = 13;
const FEW_CORES = 16;
const SOME_CORES = 48;

const rowHeight = (cores: number): number => {
  if (cores <= FEW_CORES) return 15;
  return cores <= SOME_CORES ? 7 : 4;
};

const rampOf = (percent: number): string =>
  RAMP[Math.min(RAMP.length - 1, Math.floor((percent / 100) * RAMP.length))] ?? '--h0';

const paint = (
  canvas: HTMLCanvasElement,
  moments: readonly Moment[],
  cores: number,
  palette: Palette,
): void => {
  const context = canvas.getContext('2d');
  const width = canvas.parentElement?.clientWidth ?? 0;
  if (context === null || width === 0) return;
  const height = rowHeight(cores);
  const ratio = window.devicePixelRatio;
  const wanted = [Math.round(width * ratio), Math.round(cores * height * ratio)] as const;
  if (canvas.width !== wanted[0] || canvas.height !== wanted[1]) {
    [canvas.width, canvas.height] = wanted;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${cores * height}px`;
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, cores * height);
  const isLabelled = height >= LEAST_LABELLED_PX;
  const left = isLabelled ? LABEL_PX : 0;
  const step = (width - left - (isLabelled ? VALUE_PX : 0)) / STEPS;
  for (const [index, moment] of moments.entries()) {
    const x = left + (STEPS - moments.length + index) * step;
    for (const [row, core] of (moment.cores ?? []).entries()) {
      if (core.usage_percent === null) continue;
      context.fillStyle = palette.colour(rampOf(core.usage_percent));
      context.fillRect(x, row * height, step - 0.4, height - (isLabelled ? 2 : 1));
    }
  }
  if (!isLabelled) return;
  context.font = `10px ${palette.font}`;
  context.textBaseline = 'middle';
  for (const [row, core] of (moments.at(-1)?.cores ?? []).entries()) {
    const y = row * height + height / 2 - 0.5;
    context.fillStyle = palette.colour('--tx-3');
    context.textAlign = 'left';
    context.fillText(String(core.cpu), 0, y);
    context.fillStyle = palette.colour('--tx-2');
    context.textAlign = 'right';
    const value = core.usage_percent === null ? '–' : `${Math.round(core.usage_percent)}%`;
    context.fillText(value, width, y);
  }
};

const describe = (cores: Moment['cores']): string =>
  cores === null
    ? 'CPU of each core, unknown'
    : `CPU of each core over 66 seconds; ${cores
        .slice(0, FEW_CORES)
        .map(({ cpu, usage_percent: usage }) =>
          usage === null ? `core ${cpu} unknown` : `core ${cpu} ${Math.round(usage)} %`,
        )
        .join(', ')}`;

export const CoresStrip = (): JSX.Element => {
  const { palette } = useApp();
  const { live, moment } = useVm();
  const canvas = useRef<HTMLCanvasElement>(null);
  const cores = moment.value?.cores ?? null;
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return undefined;
    const draw = (): void => {
      const shown = moment.peek();
      const end = shown === undefined ? -1 : live.moments.indexOf(shown);
      const moments = live.moments.slice(Math.max(0, end + 1 - STEPS), end + 1);
      const count = shown?.cores?.length ?? 0;
      if (count > 0) paint(element, moments, count, palette.peek());
    };
    const end = effect(() => {
      void moment.value;
      void palette.value;
      draw();
    });
    const observer = new ResizeObserver(draw);
    if (element.parentElement !== null) observer.observe(element.parentElement);
    return () => {
      end();
      observer.disconnect();
    };
  }, [live, moment, palette]);
  const reason = live.reading.value?.reason ?? null;
  return (
    <section class="vm-section">
      <h2>
        Cores <span>66 s</span>
      </h2>
      <div class="vm-cores" hidden={cores === null}>
        <canvas ref={canvas} role="img" aria-label={describe(cores)} />
      </div>
      {cores === null ? (
        <p class="muted vm-hint">
          Only the guest’s agent knows its cores
          {reason === null ? '.' : `, and ${FAILURE_WORDS[reason]}.`}
        </p>
      ) : null}
    </section>
  );
};
