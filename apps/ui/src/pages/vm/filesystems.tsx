/** How full the disks of the guest are. */
import type { JSX } from 'preact';
import type { Reading } from '@innkeeper/protocol';
import { formatBytes, quantityText, UNKNOWN_FIGURE } from '../../format/quantity.ts';
import { useVm } from './vm-stores.ts';

type Filesystem = NonNullable<Reading['filesystems']>[number];

const WARNING = 80;
const CRITICAL = 92;
const SHOWN = 12;

const levelOf = (percent: number): 'warning' | 'critical' | undefined => {
  if (percent >= CRITICAL) return 'critical';
  return percent >= WARNING ? 'warning' : undefined;
};

const usedText = ({ used_bytes: used, size_bytes: size }: Filesystem): string => {
  if (size === null) return UNKNOWN_FIGURE;
  const whole = formatBytes(size);
  const part = formatBytes(used);
  const unit = part.unit === whole.unit || part.unit === '' ? '' : ` ${part.unit}`;
  return `${part.figure}${unit} of ${quantityText(whole)}`;
};

const Row = ({ filesystem }: { readonly filesystem: Filesystem }): JSX.Element => {
  const { mountpoint, device, fstype, usage_percent: percent, error } = filesystem;
  const about = [device, fstype, filesystem.readonly ? 'read-only' : '', error ?? ''];
  return (
    <div class="vm-filesystem" title={about.filter((part) => part !== '').join(', ')}>
      <span class="mono">{mountpoint}</span>
      <span class="vm-bar" aria-hidden="true">
        {percent === null ? null : (
          <i data-level={levelOf(percent)} style={{ width: `${percent}%` }} />
        )}
      </span>
      <span class="numeric secondary">
        {error === null ? usedText(filesystem) : 'no answer'}
        {percent === null ? null : <span class="visually-hidden">, {Math.round(percent)} %</span>}
      </span>
    </div>
  );
};

export const Filesystems = (): JSX.Element => {
  const { live } = useVm();
  const filesystems = live.reading.value?.filesystems ?? null;
  return (
    <section class="vm-section">
      <h2>
        Filesystems <span>used</span>
      </h2>
      {filesystems === null ? (
        <p class="muted vm-hint">Only the guest’s agent knows how full they are.</p>
      ) : (
        <div class="vm-filesystems">
          {filesystems.slice(0, SHOWN).map((filesystem) => (
            <Row key={filesystem.mountpoint} filesystem={filesystem} />
          ))}
        </div>
      )}
      {filesystems !== null && filesystems.length > SHOWN ? (
        <p class="muted vm-hint">and {filesystems.length - SHOWN} more, on the side System</p>
      ) : null}
    </section>
  );
};
