/** The VMs that a command is going to run on, and how they are chosen. */
import type { JSX } from 'preact';
import { useApp } from '../app-context.ts';
import { formatCount } from '../format/count.ts';
import { Field } from '../ui/field.tsx';
import { StateMark } from '../ui/state-mark.tsx';
import type { Target, Targets } from './use-targets.ts';

const MOST_SHOWN = 100;
const MOST_OFFERED = 500;

const Chip = ({
  target,
  onRemove,
}: {
  readonly target: Target;
  readonly onRemove: (() => void) | undefined;
}): JSX.Element => {
  const { fleet } = useApp();
  const state = fleet.get(target.id)?.row?.state ?? 'unknown';
  return (
    <li class="chip run-target">
      <StateMark state={state} />
      <span>{target.name}</span>
      {onRemove === undefined ? null : (
        <button
          type="button"
          class="button-bare"
          aria-label={`Without ${target.name}`}
          onClick={onRemove}
        >
          ×
        </button>
      )}
    </li>
  );
};

const AddField = ({ targets }: { readonly targets: Targets }): JSX.Element => {
  const { fleet } = useApp();
  const chosen = new Set(targets.vms.map(({ id }) => id));
  const others = fleet.all().flatMap(({ member }) => (chosen.has(member.id) ? [] : [member]));
  return (
    <>
      <input
        class="input run-add-vm"
        type="search"
        list="run-vms"
        aria-label="Add a VM"
        placeholder="Add a VM"
        onInput={(event) => {
          const { value } = event.currentTarget;
          const found = others.find(({ name }) => name === value);
          if (found === undefined) return;
          targets.add(found.key);
          event.currentTarget.value = '';
        }}
      />
      <datalist id="run-vms">
        {others.slice(0, MOST_OFFERED).map(({ id, name }) => (
          <option key={id} value={name} />
        ))}
      </datalist>
    </>
  );
};

export const targetWords = ({ vms, silent, isMore }: Targets): string => {
  const count = `${formatCount(vms.length)}${isMore ? ' or more' : ''}`;
  const words = `${count} ${vms.length === 1 ? 'VM' : 'VMs'}`;
  return silent === 0
    ? words
    : `${words}, ${formatCount(silent)} of them ${silent === 1 ? 'does' : 'do'} not answer now`;
};

export const RunTargets = ({
  targets,
  problem,
}: {
  readonly targets: Targets;
  readonly problem: string | undefined;
}): JSX.Element => {
  const { by, vms, selector } = targets;
  return (
    <section class="section run-targets" aria-labelledby="run-targets">
      <h2 class="section-title" id="run-targets">
        On <small role="status">{targetWords(targets)}</small>
      </h2>
      <div class="segments run-by" role="group" aria-label="How the VMs are chosen">
        <button
          type="button"
          aria-current={by === 'selection'}
          onClick={() => targets.setBy('selection')}
        >
          Selected
        </button>
        <button
          type="button"
          aria-current={by === 'labels'}
          onClick={() => targets.setBy('labels')}
        >
          By labels
        </button>
      </div>
      {by === 'labels' ? (
        <Field
          label="Label selector"
          problem={targets.problem ?? problem}
          hint="env=prod, tier!=test, team in (web, db), !legacy. It counts for the VMs that fit when the run begins."
        >
          {(ids) => (
            <input
              {...ids}
              class="input mono"
              autocomplete="off"
              spellcheck={false}
              maxLength={1024}
              value={selector}
              onInput={(event) => targets.setSelector(event.currentTarget.value)}
            />
          )}
        </Field>
      ) : null}
      <ul class="run-target-list">
        {vms.slice(0, MOST_SHOWN).map((target) => (
          <Chip
            key={target.id}
            target={target}
            onRemove={by === 'labels' ? undefined : () => targets.remove(target.id)}
          />
        ))}
        {vms.length > MOST_SHOWN ? (
          <li class="muted">and {formatCount(vms.length - MOST_SHOWN)} more</li>
        ) : null}
        {by === 'labels' ? null : (
          <li>
            <AddField targets={targets} />
          </li>
        )}
      </ul>
      {problem === undefined || by === 'labels' ? null : (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </section>
  );
};
