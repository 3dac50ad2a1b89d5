import { defineEntity, p } from '@mikro-orm/postgresql';
import { instant } from '../columns.ts';
import { rowSecurity } from '../tenancy.ts';

/** Which payload keys have sealed what is stored, so that a wrong one is known at the start. Nothing opens with what is in here. */
const PayloadKeySchema = defineEntity({
  name: 'PayloadKey',
  policies: rowSecurity('payload_key', null),
  properties: {
    /** Derived from the key, one way. */
    checkValue: p.string().primary(),
    keyId: p.string(),
    /** When it became the one that seals, for the last time. */
    sealingSince: instant(),
    /** Nothing that is stored needs it any more. */
    retiredAt: instant().nullable(),
  },
});
export class PayloadKey extends PayloadKeySchema.class {}
PayloadKeySchema.setClass(PayloadKey);
