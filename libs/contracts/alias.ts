import { z } from 'zod';
import { email, instant } from './scalars.ts';

/** A further address of a person, in the same namespace as everybody's main address. */
export const alias = z
  .object({ address: z.string(), verifiedAt: instant.nullable(), createdAt: instant })
  .meta({ id: 'Alias' });
export const aliasList = z.object({ items: z.array(alias) }).meta({ id: 'AliasList' });
export const createAlias = z
  .strictObject({ address: email })
  .meta({ id: 'CreateAlias', example: { address: 'ada@partner.example' } });

export type AliasView = z.infer<typeof alias>;
