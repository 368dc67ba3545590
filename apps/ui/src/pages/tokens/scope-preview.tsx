/** How many VMs a label selector fits, while it is typed. The manager judges it, as it will later. */
import type { Vm } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../../app-context.ts';
import { formatCount } from '../../format/count.ts';
import type { ApiProblem } from '../../state/api.ts';

const TYPING_MS = 250;
const MAX_COUNTED = 1000;
const NAMED = 4;

interface VmPage {
  readonly items: readonly Vm[];
  readonly next_cursor: string | null;
}

type Preview =
  | { readonly kind: 'none' }
  | { readonly kind: 'asking' }
  | {
      readonly kind: 'fits';
      readonly count: number;
      readonly more: boolean;
      readonly names: string;
    }
  | { readonly kind: 'problem'; readonly problem: ApiProblem };

const namesOf = (vms: readonly Vm[]): string => {
  const shown = vms.slice(0, NAMED).map(({ name }) => name);
  return [...shown, ...(vms.length > NAMED ? ['…'] : [])].join(', ');
};

export const useScopePreview = (scope: string): Preview => {
  const { session } = useApp();
  const [preview, setPreview] = useState<Preview>({ kind: 'none' });
  useEffect(() => {
    if (scope === '') {
      setPreview({ kind: 'none' });
      return undefined;
    }
    setPreview({ kind: 'asking' });
    const controller = new AbortController();
    const ask = async (): Promise<void> => {
      const path = `/v1/vms?limit=${MAX_COUNTED}&labels=${encodeURIComponent(scope)}`;
      const result = await session.api.get<VmPage>(path, { signal: controller.signal });
      if (controller.signal.aborted) return;
      if (!result.ok) {
        setPreview({ kind: 'problem', problem: result.problem });
        return;
      }
      const { items, next_cursor: cursor } = result.value;
      setPreview({
        kind: 'fits',
        count: items.length,
        more: cursor !== null,
        names: namesOf(items),
      });
    };
    const timer = setTimeout(() => void ask(), TYPING_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [scope, session]);
  return preview;
};

export const ScopePreview = ({ preview }: { readonly preview: Preview }): JSX.Element => {
  const { fleet } = useApp();
  void fleet.membership.value;
  const all = formatCount(fleet.all().length);
  if (preview.kind === 'none') return <span>Empty: all VMs, and the hosts.</span>;
  if (preview.kind === 'asking') return <span>Counting</span>;
  if (preview.kind === 'problem') return <span>Nothing to count.</span>;
  return (
    <span>
      Fits {formatCount(preview.count)}
      {preview.more ? ' or more' : ''} of {all} VMs now
      {preview.names === '' ? '.' : `: ${preview.names}`}
    </span>
  );
};
