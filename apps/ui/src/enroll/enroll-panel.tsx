/** Brings an agent into a VM: the ways to do it, and each step as it happens. */
import type { Enrollment } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useApp } from '../app-context.ts';
import { MANAGER_PATH, type ManagerInfo } from '../state/manager-info.ts';
import { permissionsIn } from '../state/permissions.ts';
import { useAnswer, type Answer } from '../state/use-answer.ts';
import { ProblemNote } from '../ui/problem-note.tsx';
import { Distributions } from './distributions.tsx';
import { EnrollProgress } from './enroll-progress.tsx';
import { parseWay, wayHref, WAYS, type Way } from './enroll-way.ts';
import {
  CloudInitWay,
  CommandWay,
  HandWay,
  OfflineWay,
  ScriptWay,
  type WayProps,
} from './enroll-ways.tsx';
import type { Offer } from './make-offer.ts';
import { OfferProblem } from './offer-problem.tsx';
import { OfferView } from './offer-view.tsx';
import { ScriptList } from './script-list.tsx';
import { useOffer } from './use-offer.ts';
import '../ui/form.css';
import './enroll.css';

const BODIES = {
  'cloud-init': CloudInitWay,
  command: CommandWay,
  script: ScriptWay,
  hand: HandWay,
  offline: OfflineWay,
} as const satisfies Readonly<Record<Way, (props: WayProps) => JSX.Element>>;

const wayOf = (offer: Offer): Way => (offer.made.kind === 'command' ? 'command' : 'cloud-init');

const WaysNav = ({ current }: { readonly current: Way }): JSX.Element => {
  const { navigation } = useApp();
  const place = navigation.place.value;
  return (
    <nav class="segments enroll-nav" aria-label="Ways to install the agent">
      {WAYS.map(([way, name]) => (
        <a key={way} href={wayHref(place, way)} aria-current={way === current ? 'true' : undefined}>
          {name}
        </a>
      ))}
    </nav>
  );
};

const Ways = ({
  vm,
  answer,
}: {
  readonly vm: WayProps['vm'];
  readonly answer: Answer<Enrollment>;
}): JSX.Element => {
  const { navigation, session } = useApp();
  const { offer, problem, isBusy, state, make } = useOffer({ kind: 'vm', id: vm.id }, answer);
  const { readManager } = permissionsIn(session.state.value);
  const { value: manager } = useAnswer<ManagerInfo>(readManager ? MANAGER_PATH : undefined);
  const way = parseWay(navigation.place.value.query.get('way'));
  const shown = offer !== undefined && wayOf(offer) === way ? offer : undefined;
  const Body = BODIES[way];
  return (
    <div class="enroll-ways">
      <WaysNav current={way} />
      <Body
        vm={vm}
        managerUrl={(manager?.public_url ?? window.location.origin).replace(/\/+$/u, '')}
        isBusy={isBusy}
        make={make}
        isOffered={shown !== undefined && problem === undefined}
        offer={
          problem !== undefined ? (
            <OfferProblem problem={problem} />
          ) : offer === undefined || shown !== undefined ? (
            <OfferView
              id={vm.id}
              made={shown?.made}
              state={state}
              isBusy={isBusy}
              onRenew={shown === undefined ? undefined : () => make(shown.made.kind)}
            />
          ) : null
        }
      />
      <Distributions />
    </div>
  );
};

export const EnrollPanel = ({
  vm,
  answer,
}: {
  readonly vm: WayProps['vm'];
  readonly answer: Answer<Enrollment>;
}): JSX.Element => (
  <div class="enroll">
    <Ways key={vm.id} vm={vm} answer={answer} />
    {answer.value === undefined ? (
      answer.problem === undefined ? (
        <p class="muted" role="status">
          Loading
        </p>
      ) : (
        <ProblemNote problem={answer.problem} onRetry={answer.reload} />
      )
    ) : (
      <EnrollProgress enrollment={answer.value}>
        <ScriptList vmId={vm.id} />
      </EnrollProgress>
    )}
  </div>
);
