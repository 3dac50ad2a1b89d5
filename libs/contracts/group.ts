import { z } from 'zod';
import { instant, page, pageQuery, singleLine, plainText, uuid } from './scalars.ts';

export const createGroup = z
  .object({ name: singleLine(100) })
  .strict()
  .meta({ id: 'CreateGroup', example: { name: 'Stockholm' } });

/** A group or a team: what a member's scope may be limited to. */
export const group = z.object({ id: uuid, organizationId: uuid, name: z.string(), createdAt: instant }).meta({
  id: 'Group',
});
export const groupQuery = pageQuery.extend({ query: plainText(200).optional() });
export const groupPage = page(group).meta({ id: 'GroupPage' });

export type CreateGroup = z.infer<typeof createGroup>;
export type GroupView = z.infer<typeof group>;
