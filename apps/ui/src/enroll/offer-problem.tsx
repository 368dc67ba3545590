/** Why nothing can be made with a token in it; for a missing setting, what to set. */
import type { JSX } from 'preact';
import type { ApiProblem } from '../state/api.ts';
import { CopyBlock } from '../ui/copy-block.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { publicUrlSetting } from './install-lines.ts';

export const OfferProblem = ({ problem }: { readonly problem: ApiProblem }): JSX.Element => {
  if (problem.code !== 'public_url_missing') return <ProblemNote problem={problem} />;
  return (
    <>
      <div class="note note-problem" role="alert">
        <p>
          The manager does not know how guests reach it. Start it again with this setting, with an
          address of its machine that the guests can reach:
        </p>
      </div>
      <CopyBlock label="the setting" text={publicUrlSetting(window.location.origin)} />
    </>
  );
};
