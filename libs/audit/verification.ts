/** Why a trail does not verify; a closed list, each with the sentence people read. */
export const faults = {
  header_invalid: 'The export does not begin with a header of a known format.',
  unreadable: 'What stands here is not an audit event.',
  changed: 'The content of this event does not give the hash it was sealed with.',
  replaced: 'The next event was sealed after another event than this one.',
  missing: 'The event of this position is not there.',
  out_of_order: 'Another event than the one of this position stands here.',
  inserted: 'This event was not there when the trail was sealed.',
  personal_data_changed: 'The personal part of this event does not give its digest.',
  cut_off: 'The trail ends here without its closing checkpoint.',
  not_covered: 'No signed checkpoint covers what stands here.',
  checkpoint_mismatch: 'The trail was rewritten: up to here it gives another hash than the signed one.',
  wrong_organization: 'The checkpoint belongs to another organization.',
  wrong_key: 'The checkpoint was signed with another key than the trusted one.',
  signature_invalid: 'The signature of the checkpoint is not valid.',
  rewritten: 'The trail was rewritten: an older record of it has another event here.',
  rewritten_before: 'The trail was rewritten: what was seen of it earlier had another beginning, somewhere up to here.',
  truncated: 'The end was cut off: what was seen of the trail earlier goes on here.',
  checkpoint_restored: 'An old checkpoint was restored and what followed taken away: more than this was signed before.',
  not_witnessed: 'The witness has not countersigned this trail.',
  witness_behind:
    'The witness countersigned nothing from here on, for more than a day: it may have refused what follows.',
  count_wrong: 'The export tells another number of events than it holds.',
} as const satisfies Record<string, string>;

export type Fault = keyof typeof faults;

export interface FirstInvalid {
  /** The first place of the chain, counted from 1, where it is not right; 0 is the header of an export. */
  position: number;
  /** Of the event that is not right; unknown where the event is missing. */
  id?: string;
  why: Fault;
}

export interface WitnessedUpTo {
  name: string;
  position: number;
  /** When the witness signed, by its own clock: ISO 8601, UTC. */
  at: string;
}

export interface Verification {
  valid: boolean;
  /** How many events were read. */
  events: number;
  /** The signed head the trail was compared with; null where there is none whose signature holds. */
  checkpoint: { position: number; hash: string; at: string; root?: string } | null;
  /** The witnesses asked for, and how far each has countersigned. */
  witnesses?: WitnessedUpTo[];
  firstInvalid?: FirstInvalid;
}
