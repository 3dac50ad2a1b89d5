/** A new resource: answered with 201, where it is, and how it looks. */
export class Created<Body> {
  constructor(
    readonly location: string,
    readonly body: Body,
  ) {}
}
