import type { ApprovalFeature } from '#contracts';
import { changeRequestLines } from '../change-requests/change-in-words.ts';
import { elevationLines } from '../elevations/elevation-lines.ts';
import { externalAdministratorLines } from '../external-administrators/request-lines.ts';
import type { Lines } from './line.ts';

/** How each flow's requests read in a list; the start page and the page of who has access go through these. */
export const linesOf: Readonly<Record<ApprovalFeature, Lines>> = {
  elevation: elevationLines,
  'change-request': changeRequestLines,
  'external-administrator': externalAdministratorLines,
};
