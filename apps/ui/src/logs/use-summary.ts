/** Tells those who do not see the lines what has come, now and then: a storm is one sentence. */
import { useEffect } from 'preact/hooks';
import type { LogModel } from './log-model.ts';
import { summaryText } from './log-foot.tsx';

const EVERY_MS = 10_000;

export const useSummary = ({ view, said }: LogModel): void => {
  useEffect(() => {
    const { ring } = view.rows;
    let told = ring.end;
    const timer = setInterval(() => {
      let lines = 0;
      let errors = 0;
      for (let number = Math.max(told, ring.first); number < ring.end; number += 1) {
        const row = ring.at(number);
        if (row?.kind !== 'line') continue;
        lines += 1;
        if (row.event.level === 'error') errors += 1;
      }
      told = ring.end;
      if (lines > 0 && !document.hidden) said.value = summaryText(lines, errors);
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, [view]);
};
