import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const openssl = async (...words: string[]) => promisify(execFile)('openssl', words);

/** Files in PEM. */
export interface Certificate {
  certificate: string;
  key: string;
}

/** Makes certificates that nobody believes in who does not know it. */
export interface Authority extends Certificate {
  /** `subjectAltName` as OpenSSL writes it: `DNS:localhost`, say. */
  issue(commonName: string, subjectAltName?: string): Promise<Certificate>;
  remove(): Promise<void>;
}

export async function makeAuthority(): Promise<Authority> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-certificates-'));
  const pair = (name: string) => ({ certificate: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) });
  const newKey = (key: string) => [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-keyout',
    key,
  ];
  const authority = pair('authority');
  const its = ['-x509', '-days', '1', '-subj', '/CN=An authority of its own', '-out', authority.certificate];
  await openssl('req', ...newKey(authority.key), ...its);
  return {
    ...authority,
    async issue(commonName, subjectAltName = `DNS:${commonName}`) {
      const issued = pair(commonName);
      const [request, extensions] = [join(folder, `${commonName}.csr`), join(folder, `${commonName}.ext`)];
      await writeFile(extensions, `subjectAltName=${subjectAltName}\n`);
      await openssl('req', ...newKey(issued.key), '-subj', `/CN=${commonName}`, '-out', request);
      const by = ['-CA', authority.certificate, '-CAkey', authority.key, '-CAcreateserial', '-days', '1'];
      await openssl('x509', '-req', '-in', request, ...by, '-extfile', extensions, '-out', issued.certificate);
      return issued;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
