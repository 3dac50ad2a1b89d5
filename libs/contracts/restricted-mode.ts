import { z } from 'zod';
import { uuid } from './scalars.ts';

export const switchRestrictedMode = z
  .strictObject({ enabled: z.boolean() })
  .meta({ id: 'SwitchRestrictedMode', example: { enabled: false } });

export const restrictedMode = z
  .object({
    /** The organization's id. */
    id: uuid,
    enabled: z.boolean(),
    /** Switched on without a partner that manages the customer, nobody could lift it: then it rests. */
    inForce: z.boolean(),
    /** Whether the caller may switch it. */
    switchable: z.boolean(),
  })
  .meta({ id: 'RestrictedMode' });

export type RestrictedModeView = z.infer<typeof restrictedMode>;
