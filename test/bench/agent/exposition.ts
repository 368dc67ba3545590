/** What a body of `/metrics` says about the work behind it. */

export interface Body {
  readonly series: number;
  /** Those of the machine; the others tell of the agent itself and of its runtime. */
  readonly nodeSeries: number;
  readonly bytes: number;
}

export const measureBody = (text: string): Body => {
  const series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return {
    series: series.length,
    nodeSeries: series.filter((line) => line.startsWith('node_')).length,
    bytes: Buffer.byteLength(text),
  };
};

/** The collectors that ran, whether or not they found something. */
export const listCollectors = (text: string): string[] =>
  [...text.matchAll(/^node_scrape_collector_success\{collector="([^"]+)"\} /gmu)].map(
    ([, name = '']) => name,
  );
