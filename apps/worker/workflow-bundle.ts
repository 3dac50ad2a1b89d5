import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type WorkflowBundleWithSourceMap } from '@temporalio/worker';

const fromSource = import.meta.url.endsWith('.ts');

/** Where the build leaves the workflows, bundled ahead; nothing is there when running from source. */
export const bundlePath = fileURLToPath(new URL('workflow-bundle.js', import.meta.url));

/** Builds the workflow bundle from the one entry there is; a few seconds. */
export async function bundleWorkflows(): Promise<WorkflowBundleWithSourceMap> {
  return bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL(`../../workflows/index.${fromSource ? 'ts' : 'js'}`, import.meta.url)),
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
