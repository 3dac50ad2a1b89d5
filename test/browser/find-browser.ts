import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export interface FoundBrowser {
  path: string;
  source: 'CHROMIUM_PATH' | 'PATH' | 'npm package';
  /** What it needs in its environment. */
  environment: Record<string, string>;
}

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const packageVersion = '147.0.0';

/** CHROMIUM_PATH, the first Chromium on PATH, else the one of the npm package. @throws saying what to do where there is none */
export async function findBrowser(): Promise<FoundBrowser> {
  const named = process.env['CHROMIUM_PATH'];
  if (named) {
    if (isExecutable(named)) return { path: named, source: 'CHROMIUM_PATH', environment: {} };
    throw new Error(`CHROMIUM_PATH names ${named}, which is no program that can be run`);
  }
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isExecutable);
  if (found) return { path: found, source: 'PATH', environment: {} };
  if (process.platform === 'linux' && process.arch === 'x64') return unpackedFromNpm();
  throw new Error('The browser tests need Chromium here: install it, or name one in CHROMIUM_PATH');
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * `@sparticuz/chromium` carries a browser and the libraries a bare Linux lacks. It unpacks them into the folder for temporary files, by
 * names everybody knows, and the libraries only where it believes itself on AWS; so it is asked in a process of its own, with a folder
 * of ours. Its recommended arguments are not taken: they switch the browser's security off.
 */
async function unpackedFromNpm(): Promise<FoundBrowser> {
  const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'countersign');
  const folder = join(cache, `chromium-${packageVersion}`);
  if (!existsSync(folder)) {
    await mkdir(cache, { recursive: true });
    const unfinished = await mkdtemp(`${folder}-`);
    const program =
      "const { default: chromium } = await import('@sparticuz/chromium'); await chromium.executablePath();";
    await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
      cwd: dirname(fileURLToPath(import.meta.url)),
      env: { ...process.env, NODE_OPTIONS: '', TMPDIR: unfinished, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' },
    });
    // The one that comes with it names folders of AWS.
    const fonts = `<fontconfig><dir>${join(folder, 'fonts')}</dir><cachedir>${join(folder, 'font-cache')}</cachedir></fontconfig>`;
    await writeFile(join(unfinished, 'fonts', 'fonts.conf'), fonts);
    // Renamed into place: of two that unpack at once the later one gives way.
    await rename(unfinished, folder).catch(() => rm(unfinished, { recursive: true, force: true }));
  }
  return {
    path: join(folder, 'chromium'),
    source: 'npm package',
    environment: { LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'), FONTCONFIG_PATH: join(folder, 'fonts') },
  };
}
