import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type WorkflowBundle, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { failureConverterPath } from '#temporal';

const fromSource = import.meta.url.endsWith('.ts');

/** Where the build leaves the workflows, bundled ahead; nothing is there when running from source. */
export const builtBundlePath = fileURLToPath(new URL('../../workflows/bundle.js', import.meta.url));

/** What was built ahead or, from source, what is built now. */
export async function workflowBundleOf(): Promise<WorkflowBundle | { codePath: string }> {
  return existsSync(builtBundlePath) ? { codePath: builtBundlePath } : bundleWorkflows();
}

/** Builds the workflow bundle from the one entry there is; a few seconds. */
export async function bundleWorkflows(
  workflowsPath = fileURLToPath(new URL(`../../workflows/index.${fromSource ? 'ts' : 'js'}`, import.meta.url)),
): Promise<WorkflowBundleWithSourceMap> {
  return bundleWorkflowCode({
    workflowsPath,
    failureConverterPath,
    logger: {
      log() {},
      trace() {},
      debug() {},
      info() {},
      warn() {},
      error: (message) => process.stderr.write(`${message}\n`),
    },
  });
}
