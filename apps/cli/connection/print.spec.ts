import { describe, expect, it } from '@jest/globals';
import { defused, table } from './print.ts';
import { seconds } from './seconds.ts';

describe('what a terminal shows', () => {
  it('is columns as wide as their widest cell', () => {
    expect(
      table(
        ['ID', 'NAME'],
        [
          ['1', 'Ada'],
          ['200', null],
        ],
      ),
    ).toBe('ID   NAME\n1    Ada\n200  –');
  });

  it('says so where there is nothing', () => {
    expect(table(['ID'], [])).toBe('There are none.');
  });

  it.each(['\u001b[2J', '\u009b2J', '\u0007', '\r', '\u202e', '\u2066'])(
    'lets no name move the cursor or turn the line: %j',
    (control) => {
      expect(defused(`Ada${control}Lovelace`)).toMatch(/^Ada�.*Lovelace$/);
    },
  );
});

describe('a time on the command line', () => {
  it.each([
    ['90', 90],
    ['45m', 2_700],
    ['2h', 7_200],
    ['1d', 86_400],
  ])('%s is %d seconds', (text, expected) => {
    expect(seconds(text)).toBe(expected);
  });

  it.each(['', 'soon', '-5', '1.5h', '5w'])('refuses %j', (text) => {
    expect(() => seconds(text)).toThrow('A time is 45m, 2h, 1d');
  });
});
