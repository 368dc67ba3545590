/** One kept line; it leads to its VM at that moment. */
import type { KeptLog } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useApp } from '../app-context.ts';
import { showText } from '../terminal/hostile-text.ts';
import { makeLineTime } from './line-time.ts';
import { momentHref } from './log-query.ts';
import { cutAtMatches, rangesOf } from './matches.ts';
import { viewLevel } from './row.ts';

const MOST = 1_000;

/** Its own time; where it does not tell, when it came. */
export const momentOf = ({ timestamp, received_at: receivedAt }: KeptLog): number =>
  timestamp ?? receivedAt;

export const KeptLine = ({
  item,
  matcher,
}: {
  readonly item: KeptLog;
  readonly matcher: RegExp | undefined;
}): JSX.Element => {
  const { time, now } = useApp();
  const shown = showText(item.message.slice(0, MOST));
  const at = momentOf(item);
  const clock = makeLineTime({
    clock: (ms) => (time.isSameDay(ms, now()) ? time.clock(ms) : time.stamp(ms)),
  });
  const name = item.vm_name ?? 'removed VM';
  const href = momentHref(item.vm_id, {
    at,
    cursor: item.cursor,
    source: item.source ?? undefined,
  });
  // What is no more cannot be gone to.
  const Element = item.vm_name === null ? 'span' : 'a';
  return (
    <li>
      <Element
        class="log-line"
        data-level={viewLevel(item.level)}
        {...(item.vm_name === null ? {} : { href })}
      >
        <span class="log-time" title={time.full(at)}>
          {clock(at)}
        </span>
        <span class="log-vm" title={name}>
          {showText(name).plain}
        </span>
        <span class="log-unit">{showText(item.target).plain}</span>
        <span class="log-text">
          {item.kept_for === 'last_words' ? (
            <span class="chip kept-last" title="Kept because the agent was lost soon after">
              last words
            </span>
          ) : null}
          {cutAtMatches(shown, rangesOf(matcher, shown.plain), MOST).map((segment) => {
            const text = segment.text.replaceAll('\n', '↵');
            if (segment.isMatch) return <mark class={segment.className}>{text}</mark>;
            return segment.className === '' ? text : <span class={segment.className}>{text}</span>;
          })}
        </span>
      </Element>
    </li>
  );
};
