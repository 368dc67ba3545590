/** What was measured, as it goes into `--json` and the tables. */

/** Ms of CPU in a second of time: ten are 1 % of a core. */
export interface Busy {
  /**
   * Of the main thread, as the browser counts its tasks. It leaves out what a canvas that is drawn
   * outside of an animation frame costs when it is handed over.
   */
  readonly taskMs: number;
  /** Of that, the page's own code. */
  readonly scriptMs: number;
  /** Of that, styles and layout. */
  readonly layoutMs: number;
  /** Of the main thread, as the kernel counts it: all that it does. */
  readonly mainMs: number;
  /** Of the page's process, with the threads that draw. */
  readonly processMs: number;
}

export interface Heap {
  /** What JavaScript holds, after a collection. */
  readonly usedBytes: number;
  /** Of typed arrays, which are outside of it. */
  readonly arrayBytes: number;
}

export interface HeapMoment {
  /** Since the first of them. */
  readonly atMs: number;
  readonly heap: Heap;
}

export interface Frames {
  readonly shown: number;
  /** That there was time for, at 60 a second. */
  readonly dropped: number;
  readonly longestMs: number;
}

export interface FleetFigures {
  readonly busy: Busy;
  readonly resorted: Busy;
  readonly longTasksMs: readonly number[];
  readonly heap: Heap;
  readonly heapAfter: Heap;
  /** Once it has settled, up to the last. */
  readonly heapMoments: readonly HeapMoment[];
  readonly scrolling: Busy;
  readonly scrolled: Frames;
}

export interface VmFigures {
  readonly busy: Busy;
  readonly heap: Heap;
  readonly crosshair: Busy;
  readonly crosshairMovesPerSecond: number;
  readonly crosshairFrames: Frames;
}

export interface Paint {
  readonly firstPaintMs: number;
  /** Until there is what the page is for: a VM's row, a chart's figure. */
  readonly contentMs: number;
}

export interface PaintFigures {
  readonly fleet: readonly Paint[];
  readonly vm: readonly Paint[];
}

export interface ChartFigures {
  readonly ours: Busy;
  readonly uplot: Busy;
  readonly chartJs: Busy;
}

export interface RunFigures {
  readonly reference: Busy;
  readonly charts: ChartFigures;
  readonly fleet: FleetFigures;
  readonly vm: VmFigures;
  readonly paint: PaintFigures;
}

/** Gzipped. */
export interface BundleSizes {
  readonly initialJs: number;
  readonly initialCss: number;
  /** What the page of a VM loads beyond that, without its charts. */
  readonly vmPageJs: number;
  readonly chartsJs: number;
  readonly allCss: number;
}
