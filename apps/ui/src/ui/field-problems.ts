/** Which field of a form a refusal is about: the manager names it, `guest_ip: must be …`. */
import type { ApiProblem } from '../state/api.ts';

export interface FieldProblems {
  /** By the field's name in the API. */
  readonly of: (field: string) => string | undefined;
  /** What is about no field that the form has. */
  readonly rest: ApiProblem | undefined;
}

const sentence = (text: string): string => {
  const trimmed = text.trim();
  return `${trimmed.slice(0, 1).toUpperCase()}${trimmed.slice(1)}`;
};

/**
 * @param fields the names of the fields that the form shows
 * @param byCode the field that a code is about, where the message does not begin with it
 */
export const fieldProblems = (
  problem: ApiProblem | undefined,
  fields: readonly string[],
  byCode: Readonly<Record<string, string>> = {},
): FieldProblems => {
  if (problem === undefined) return { of: () => undefined, rest: undefined };
  const found = new Map<string, string>();
  const ofCode = Object.hasOwn(byCode, problem.code) ? byCode[problem.code] : undefined;
  if (ofCode !== undefined) {
    found.set(ofCode, sentence(problem.message.replace(`${ofCode}: `, '')));
  } else {
    for (const part of problem.message.split('; ')) {
      // `labels.env`, too: it is a part of what is typed into one field.
      const named = /^(?<field>\w+)(?:\.[^:]*)?: (?<text>.*)$/su.exec(part)?.groups;
      const field = named?.['field'];
      if (field !== undefined && fields.includes(field) && !found.has(field)) {
        found.set(field, sentence(named?.['text'] ?? ''));
      }
    }
  }
  return { of: (field) => found.get(field), rest: found.size === 0 ? problem : undefined };
};
