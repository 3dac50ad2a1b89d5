import { z } from 'zod';

export const domain = z
  .object({
    domain: z.string(),
    proven: z.boolean(),
    /** The TXT record that proves it. */
    recordName: z.string(),
    recordValue: z.string(),
  })
  .meta({ id: 'Domain' });
export const domainList = z.object({ items: z.array(domain) }).meta({ id: 'DomainList' });
export type DomainView = z.infer<typeof domain>;
