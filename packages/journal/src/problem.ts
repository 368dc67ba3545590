/** Why a journal file, or a part of one, cannot be read. */
export interface JournalProblem {
  readonly kind:
    | 'not_a_journal'
    /** A newer systemd wrote it in a way that this reader does not know. */
    | 'unsupported'
    | 'damaged';
  readonly message: string;
}

export const damaged = (message: string): JournalProblem => ({ kind: 'damaged', message });
