/** The two requests that a provisioning script makes, with this manager's own address. */
import type { JSX } from 'preact';
import { useApp } from '../../app-context.ts';
import { MANAGER_PATH, type ManagerInfo } from '../../state/manager-info.ts';
import { permissionsIn } from '../../state/permissions.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { CopyBlock } from '../../ui/copy-block.tsx';
import type { Typed } from './address-form.tsx';
import { curlLines } from './curl-lines.ts';

export const FromScript = ({
  typed,
  vmId,
}: {
  readonly typed: Typed;
  readonly vmId: string | undefined;
}): JSX.Element => {
  const { session } = useApp();
  const { manageTokens, readManager } = permissionsIn(session.state.value);
  const { value } = useAnswer<ManagerInfo>(readManager ? MANAGER_PATH : undefined);
  const lines = curlLines(value?.public_url ?? window.location.origin, { ...typed, id: vmId });
  return (
    <section class="section" aria-labelledby="from-script">
      <h2 class="section-title" id="from-script">
        From a script
      </h2>
      <div class="form">
        <p class="secondary">
          Register it; the answer has its <code class="mono">id</code>.{' '}
          {manageTokens ? (
            <>
              A{' '}
              <a class="link" href="/tokens">
                token
              </a>{' '}
              with the role operator is enough.
            </>
          ) : (
            'A token with the role operator is enough.'
          )}
        </p>
        <CopyBlock label="the request that registers a VM" text={lines.register} />
        <p class="secondary">Tell its address once it is known, and again whenever it changes:</p>
        <CopyBlock label="the request that tells its address" text={lines.tellAddress} />
      </div>
    </section>
  );
};
