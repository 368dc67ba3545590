/** Line icons of 16 pixels, drawn with the colour of the text. They never speak: labels do. */
import type { JSX } from 'preact';

const PATHS = {
  search: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10Zm3.6-1.4L14 14',
  grid: 'M2 2h5v5H2zM9 2h5v5H9zM2 9h5v5H2zM9 9h5v5H9z',
  server: 'M2 3h12v4H2zM2 9h12v4H2zM4.5 5h.01M4.5 11h.01',
  lines: 'M2 4h2M6.5 4H14M2 8h2M6.5 8H12M2 12h2M6.5 12H14',
  plus: 'M8 3v10M3 8h10',
  lock: 'M3.5 7.5h9V14h-9zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5',
  key: 'M10.5 9.5a3.5 3.5 0 1 0-3.3-2.3L2 12.4V14h2.5v-1.5H6V11h1.5l.7-.8a3.5 3.5 0 0 0 2.3-.7ZM11 5h.01',
  sliders: 'M2 4h7M12 4h2M2 8h2M7 8h7M2 12h7M12 12h2M9 2.5v3M4.5 6.5v3M9 10.5v3',
  pause: 'M5.5 3v10M10.5 3v10',
  play: 'M5 3l8 5-8 5z',
  moon: 'M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7Z',
  sun: 'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1',
  contrast: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 2v12',
  chevronDown: 'M4 6l4 4 4-4',
  chevronRight: 'M6 4l4 4-4 4',
  sort: 'M5 2v12M2 5l3-3 3 3M11 14V2M8 11l3 3 3-3',
  columns: 'M2 2h12v12H2zM6.5 2v12M10 2v12',
  close: 'M3.5 3.5l9 9M12.5 3.5l-9 9',
  copy: 'M5 5h9v9H5zM11 5V2H2v9h3',
  check: 'M3 8.5l3.5 3.5L13 4.5',
  trash: 'M2.5 4h11M6 4V2.5h4V4M4 4l.7 9.5h6.6L12 4M6.5 6.5v4.5M9.5 6.5v4.5',
  edit: 'M10.5 2.5l3 3L6 13l-3.5.5L3 10z',
  signOut: 'M6 2H2.5v12H6M10 5l3 3-3 3M13 8H6',
  bookmark: 'M4 2h8v12l-4-3-4 3z',
  help: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM6.2 6.3a1.9 1.9 0 1 1 2.6 1.8c-.5.2-.8.6-.8 1.2M8 11.4h.01',
  menu: 'M2 4h12M2 8h12M2 12h12',
  wrap: 'M2 3.5h12M2 8h9.5a2.3 2.3 0 0 1 0 4.6H8M9.6 11 8 12.6l1.6 1.6M2 12.6h3',
  upgrade: 'M8 10.5V3M4.5 6.3 8 2.8l3.5 3.5M2.5 13.5h11',
  download: 'M8 2v8M4.5 6.8 8 10.3l3.5-3.5M2.5 13.5h11',
  more: 'M3 8h.01M8 8h.01M13 8h.01',
  terminal: 'M2 3h12v10H2zM4.5 6l2 2-2 2M8.5 10.5h3',
  steps: 'M2 4l1.5 1.5L6 2.5M8.5 4H14M2 12l1.5 1.5L6 10.5M8.5 12H14M8.5 8H14M3 8h.01',
  stop: 'M4 4h8v8H4z',
  again: 'M13 8a5 5 0 1 1-1.6-3.7M13 2v3h-3',
  external: 'M9 2h5v5M14 2L7.5 8.5M12 9.5V14H2V4h4.5',
} as const;

export type IconName = keyof typeof PATHS;

export const Icon = ({ name }: { readonly name: IconName }): JSX.Element => (
  <svg
    width="16"
    height="16"
    viewBox="0 0 16 16"
    fill="none"
    stroke="currentColor"
    stroke-width="1.4"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
    focusable="false"
  >
    <path d={PATHS[name]} />
  </svg>
);
