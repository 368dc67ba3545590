/** On which VMs a command is to run: those that are selected, or those that labels fit. */
import type { Vm } from '@innkeeper/protocol';
import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import type { FleetVm } from '../state/fleet-entries.ts';
import { formatSelection, parseSelection } from '../state/selection.ts';
import { useAnswer } from '../state/use-answer.ts';

export interface Target {
  readonly id: string;
  readonly name: string;
}

export interface Targets {
  readonly by: 'selection' | 'labels';
  readonly selector: string;
  readonly vms: readonly Target[];
  /** There are more than are listed. */
  readonly isMore: boolean;
  /** What is wrong with the selector. */
  readonly problem: string | undefined;
  /** How many of those listed do not answer now. */
  readonly silent: number;
  readonly body: { readonly vm_ids: readonly string[] } | { readonly selector: string };
  readonly add: (key: number) => void;
  readonly remove: (id: string) => void;
  readonly setSelector: (selector: string) => void;
  readonly setBy: (by: 'selection' | 'labels') => void;
}

const TYPED_MS = 250;
const MAX_LISTED = 1000;

interface VmPage {
  readonly items: readonly Vm[];
  readonly next_cursor: string | null;
}

/** A state that its agent may answer in; whether it does is seen when it is asked. */
const answers = (vm: FleetVm | undefined): boolean => vm?.row?.state === 'up';

const useSettled = (text: string): string => {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), TYPED_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
};

const useFitting = (selector: string | undefined) => {
  const settled = useSettled(selector ?? '');
  const path = `/v1/vms?limit=${MAX_LISTED}&labels=${encodeURIComponent(settled)}`;
  const isAsked = selector !== undefined && settled !== '';
  return useAnswer<VmPage>(isAsked ? path : undefined);
};

export const useTargets = (): Targets => {
  const { fleet, navigation } = useApp();
  void fleet.membership.value;
  void fleet.tick.value;
  const { query } = navigation.place.value;
  const selector = query.get('labels');
  const selected = parseSelection(query.get('sel'));
  const fitting = useFitting(selector ?? undefined);
  const chosen = fleet.all().filter(({ member }) => selected.has(member.key));
  const vms: readonly Target[] =
    selector === null
      ? chosen.map(({ member }) => ({ id: member.id, name: member.name }))
      : (fitting.value?.items ?? []);
  const setKeys = (keys: Iterable<number>): void =>
    navigation.setQuery({ sel: formatSelection(keys) }, { replace: true });
  return {
    by: selector === null ? 'selection' : 'labels',
    selector: selector ?? '',
    vms,
    isMore: selector !== null && fitting.value !== undefined && fitting.value.next_cursor !== null,
    problem: selector === null ? undefined : fitting.problem?.message,
    silent: vms.filter(({ id }) => !answers(fleet.get(id))).length,
    body: selector === null ? { vm_ids: vms.map(({ id }) => id) } : { selector },
    add: (key) => setKeys([...selected, key]),
    remove: (id) => {
      const key = fleet.get(id)?.member.key;
      setKeys([...selected].filter((other) => other !== key));
    },
    setSelector: (typed) => navigation.setQuery({ labels: typed }, { replace: true }),
    setBy: (by) => navigation.setQuery({ labels: by === 'labels' ? '' : null }, { replace: true }),
  };
};
