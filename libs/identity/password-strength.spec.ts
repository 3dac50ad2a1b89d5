import { describe, expect, it } from '@jest/globals';
import { Refusal } from '#contracts';
import { checkPasswordStrength, type PasswordFault } from './password-strength.ts';

const names = ['Maria Lindqvist', 'maria.lindqvist@harbour.example', 'Harbour Hotels', 'harbour-hotels'];

async function faultOf(password: string): Promise<PasswordFault | null> {
  try {
    await checkPasswordStrength(password, names);
    return null;
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'password_not_acceptable') throw error;
    return error.details['reason'] as PasswordFault;
  }
}

describe('a new password', () => {
  it.each<[string, PasswordFault]>([
    ['seven77', 'too_short'],
    ['ＡＢ１２３４', 'too_short'],
    ['river '.repeat(34), 'too_long'],
    ['password', 'too_common'],
    ['Password1', 'too_common'],
    ['Password1234!', 'too_common'],
    ['P@ssw0rd2026', 'too_common'],
    ['qwertyuiop123', 'too_common'],
    ['welcome123!', 'too_common'],
    ['letmeinnow', 'too_common'],
    ['arsenal2024', 'too_common'],
    ['iloveyou2', 'too_common'],
    ['qazwsx12345', 'too_common'],
    ['trustno1!!', 'too_common'],
    ['aaaaaaaaaaaaaaa', 'too_guessable'],
    ['abcdefghijklmnop', 'too_guessable'],
    ['hunter2hunter2', 'too_guessable'],
    ['Summer2026!', 'too_guessable'],
    ['december25', 'too_guessable'],
    ['1987-05-12', 'too_guessable'],
    ['Harbour2026', 'too_personal'],
    ['H4rbour2026!', 'too_personal'],
    ['MariaLindqvist1', 'too_personal'],
    ['lindqvist-maria-harbour', 'too_personal'],
    ['maria.lindqvist@harbour.example', 'too_personal'],
    ['Countersign1', 'too_personal'],
  ])('%s is %s', async (password, fault) => {
    expect(await faultOf(password)).toBe(fault);
  });

  it.each([
    'a quiet river in June',
    'correct horse battery staple',
    'open-sesame-2026',
    'xK7#pQ9z',
    'тихая река в июне',
    'harbour lights, nine geese',
  ])('%s will do', async (password) => {
    expect(await faultOf(password)).toBeNull();
  });

  it('is judged by its first characters, so that a long one costs no more', async () => {
    expect(await faultOf(`a quiet river in June, and ${'a@4'.repeat(50)}`)).toBeNull();
    expect(await faultOf(`${'aB3$'.repeat(10)} a quiet river in June`)).toBe('too_guessable');
  });
});
