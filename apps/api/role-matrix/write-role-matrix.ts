/** `npm run docs:role-matrix`: writes docs/role-matrix.md from the tables in libs/access. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { roleMatrixDocument } from './role-matrix-document.ts';

const file = fileURLToPath(new URL('../../../docs/role-matrix.md', import.meta.url));
writeFileSync(file, roleMatrixDocument());
process.stdout.write(`written: ${file}\n`);
