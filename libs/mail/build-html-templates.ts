/** `npm run build:mails`, and before every start from source. */
import { buildHtmlTemplates } from './html-templates.ts';

await buildHtmlTemplates();
