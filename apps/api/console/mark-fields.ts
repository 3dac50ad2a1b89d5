import Handlebars from 'handlebars';

const escape = Handlebars.escapeExpression;

/** A form that was sent and refused. */
export interface SentForm {
  /** Where it was sent to: the path of its `action`. */
  action: string;
  typed: Readonly<Record<string, unknown>>;
  errors: readonly FieldError[];
}

export interface FieldError {
  /** RFC 6901; its first step is the field's name. */
  pointer: string;
  message: string;
  /** For a field that offers choices, where `message` names what only programs send. */
  messageOfChoice?: string;
}

interface Edit {
  from: number;
  to: number;
  text: string;
}

const tags = /<(\/?)(form|input|textarea|select|option|fieldset|details)\b((?:"[^"]*"|[^>"])*)>/g;
const attribute = (attributes: string, name: string): string | undefined =>
  new RegExp(String.raw`(?:^|\s)${name}(?:="([^"]*)")?(?=\s|$)`).exec(attributes)?.slice(1)[0];
const has = (attributes: string, name: string): boolean =>
  new RegExp(String.raw`(?:^|\s)${name}(?=[\s=]|$)`).test(attributes);
const without = (attributes: string, name: string): string =>
  attributes.replace(new RegExp(String.raw`\s${name}(?:="[^"]*")?(?=\s|$)`), '');
const withAttribute = (attributes: string, name: string, value: string): string =>
  `${without(attributes, name)} ${name}="${escape(value)}"`;

const isChoice = (tag: string, attributes: string): boolean =>
  tag === 'select' || /^(radio|checkbox)$/.test(attribute(attributes, 'type') ?? '');
/** What is secret is typed again, as everywhere. */
const isSecret = (attributes: string): boolean =>
  attribute(attributes, 'type') === 'password' ||
  attribute(attributes, 'autocomplete') === 'one-time-code' ||
  has(attributes, 'data-secret');

/**
 * Shows the form as it was sent: each field with what was typed, each wrong one marked, described by what is wrong, the
 * first with the focus. Pages and their fields are our own templates, whose attributes are quoted and escaped.
 */
export function markFields(
  html: string,
  { action, typed, errors }: SentForm,
): { html: string; placed: Set<FieldError> } {
  const placed = new Set<FieldError>();
  const edits: Edit[] = [];
  const found = [...html.matchAll(tags)].map((match) => ({
    at: match.index,
    end: match.index + match[0].length,
    closes: match[1] === '/',
    tag: match[2] ?? '',
    attributes: match[3] ?? '',
  }));
  const form = found.find(
    ({ tag, closes, attributes }) =>
      tag === 'form' && !closes && [action, escape(action)].includes(attribute(attributes, 'action') ?? ''),
  );
  if (!form) return { html, placed };
  const closing = found.find(({ at, tag, closes }) => tag === 'form' && closes && at > form.at);
  const id = attribute(form.attributes, 'id');
  const isOurs = ({ at, attributes }: { at: number; attributes: string }): boolean => {
    const named = attribute(attributes, 'form');
    if (named !== undefined) return named === id;
    return at > form.at && at < (closing?.at ?? html.length);
  };
  const sent = (name: string): string[] => [typed[name] ?? []].flat().map(String);
  const open: { tag: string; at: number; end: number; attributes: string }[] = [];
  const opened = new Set<number>();
  let select: string | null = null;

  for (const [index, { at, end, closes, tag, attributes }] of found.entries()) {
    if (tag === 'fieldset' || tag === 'details') {
      if (closes) open.pop();
      else open.push({ tag, at, end, attributes });
      continue;
    }
    if (tag === 'select' && closes) select = null;
    if (tag === 'option' && !closes && select !== null) {
      const isChosen = sent(select).includes(attribute(attributes, 'value') ?? '');
      const rest = without(attributes, 'selected');
      edits.push({ from: at, to: end, text: `<option${rest}${isChosen ? ' selected' : ''}>` });
      continue;
    }
    const name = attribute(attributes, 'name');
    if (closes || tag === 'form' || tag === 'option' || name === undefined) continue;
    const type = attribute(attributes, 'type') ?? 'text';
    if (type === 'hidden' || has(attributes, 'disabled') || !isOurs({ at, attributes })) continue;

    let kept = attributes;
    if (tag === 'select') select = name;
    else if (type === 'radio' || type === 'checkbox')
      kept = `${without(kept, 'checked')}${sent(name).includes(attribute(attributes, 'value') ?? 'on') ? ' checked' : ''}`;
    else if (tag === 'input' && !isSecret(attributes) && name in typed)
      kept = withAttribute(kept, 'value', sent(name)[0] ?? '');
    const after = tag === 'input' ? end : (found.slice(index).find((one) => one.closes && one.tag === tag)?.end ?? end);
    if (tag === 'textarea' && name in typed)
      edits.push({
        from: end,
        to: after - '</textarea>'.length,
        // The first line break of a text area is not part of it.
        text: `\n${escape(sent(name)[0] ?? '')}`,
      });

    const error = errors.find(({ pointer }) => pointer.split('/')[1] === name);
    if (error && !placed.has(error)) {
      const described = `error-${name}`;
      const choice = isChoice(tag, attributes);
      const message = `<p class="field-error" id="${described}">${escape((choice && error.messageOfChoice) || error.message)}</p>`;
      kept = withAttribute(
        kept,
        'aria-describedby',
        [described, attribute(kept, 'aria-describedby')].filter(Boolean).join(' '),
      );
      // A radio button or a box is not wrong by itself; its group is.
      if (!choice || tag === 'select') kept = withAttribute(kept, 'aria-invalid', 'true');
      if (placed.size === 0) kept += ' autofocus';
      const group = open.findLast((one) => one.tag === 'fieldset');
      const endOfGroup = group && found.slice(index).find((one) => one.closes && one.tag === 'fieldset');
      const where = choice && tag !== 'select' && endOfGroup ? endOfGroup.at : after;
      edits.push({ from: where, to: where, text: message });
      for (const details of open.filter((one) => one.tag === 'details' && !has(one.attributes, 'open'))) {
        if (!opened.has(details.at))
          edits.push({ from: details.at, to: details.end, text: `<details${details.attributes} open>` });
        opened.add(details.at);
      }
      for (const same of errors.filter(({ pointer }) => pointer.split('/')[1] === name)) placed.add(same);
    }
    if (kept !== attributes) edits.push({ from: at, to: end, text: `<${tag}${kept}>` });
  }

  const ordered = edits.toSorted((one, other) => one.from - other.from || one.to - other.to);
  let text = '';
  let position = 0;
  for (const { from, to, text: written } of ordered) {
    text += html.slice(position, from) + written;
    position = to;
  }
  return { html: text + html.slice(position), placed };
}
