/** Loaded before a program, this sets its clock off by CLOCK_OFF_SECONDS, as on a machine whose time is wrong. */
const off = Number(process.env.CLOCK_OFF_SECONDS ?? 0) * 1000;
const RightDate = globalThis.Date;
const now = () => RightDate.now() + off;

globalThis.Date = new Proxy(RightDate, {
  construct: (target, values, newTarget) =>
    Reflect.construct(target, values.length === 0 ? [now()] : values, newTarget),
  apply: (target) => new target(now()).toString(),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
});
