import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findBrowser } from '../browser/find-browser.ts';

/** What the tests find on this machine besides Node, in one line told before them: `browser: …; conformance: …`. */
export async function describeMachine(): Promise<string> {
  const browser = await findBrowser().then(
    ({ path, source }) => `found ${path} (${source})`,
    (error: Error) => `none. ${error.message}`,
  );
  const lacking = await whatConformanceLacks();
  if (lacking) process.env['COUNTERSIGN_TEST_CONFORMANCE_LACKS'] = lacking;
  return `browser: ${browser}; conformance: ${lacking ? `skipped, ${lacking}` : 'tried with Python'}`;
}

/** Schemathesis is a Python program; null where it can be installed. */
async function whatConformanceLacks(): Promise<string | null> {
  const python = process.env['PYTHON'] ?? 'python3';
  const asks = 'import sys; sys.exit(9) if sys.version_info < (3, 11) else None; import venv, ensurepip';
  return promisify(execFile)(python, ['-c', asks]).then(
    () => null,
    ({ code }: { code?: unknown }) => (code === 1 ? 'Python has no venv (Debian: python3-venv)' : 'no Python 3.11'),
  );
}
