// What the pages do better with JavaScript; everything works without.
(() => {
  const local = new Intl.DateTimeFormat(undefined, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  });
  const utcTime = new Intl.DateTimeFormat(undefined, {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: 'UTC',
  });
  const offsetAt = (moment) => moment.getTimezoneOffset();

  /** The viewer's own zone first, UTC at hand. */
  function showLocal(element) {
    const moment = new Date(element.dateTime);
    if (element.dataset.utc === undefined) element.dataset.utc = element.textContent;
    element.title = element.dataset.utc;
    if (offsetAt(moment) === 0) return;
    element.textContent = `${local.format(moment)} (${utcTime.format(moment)} UTC)`;
  }

  const counted = (count, unit) => `${count} ${unit}${count === 1 ? '' : 's'}`;

  /** The same words as the server's, by the second when it gets tight. The server's clock is what counts. */
  function timeLeft(milliseconds) {
    const seconds = Math.ceil(milliseconds / 1000);
    if (seconds <= 0) return 'over';
    if (seconds < 60) return counted(seconds, 'second');
    const minutes = Math.floor(seconds / 60);
    if (minutes < 10) return `${counted(minutes, 'minute')} ${counted(seconds % 60, 'second')}`;
    if (minutes < 60) return counted(minutes, 'minute');
    const hours = Math.floor(minutes / 60);
    if (hours >= 48) return counted(Math.floor(hours / 24), 'day');
    return minutes % 60 === 0 ? counted(hours, 'hour') : `${counted(hours, 'hour')} ${counted(minutes % 60, 'minute')}`;
  }

  function countDown() {
    for (const element of document.querySelectorAll('time[data-countdown]')) {
      const text = timeLeft(Date.parse(element.dateTime) - Date.now());
      if (element.textContent !== text) element.textContent = text;
    }
  }

  /** A chosen CSV file is read into the field below it, where one sees what is going to be sent. */
  async function readFile(input) {
    const [file] = input.files;
    const field = document.getElementById(input.dataset.readInto);
    if (file && field) field.value = await file.text();
  }

  /** Has the device make or prove a passkey; its answer goes with the form. */
  async function withPasskey(form) {
    const problem = form.querySelector('[data-passkey-problem]');
    problem.textContent = '';
    try {
      const body = new URLSearchParams(new FormData(form));
      const answer = await fetch(form.dataset.challenge, { method: 'POST', body });
      if (!answer.ok)
        throw new Error(answer.status === 403 ? 'Prove first who you are, above.' : 'Try again in a moment.');
      const { step, options } = await answer.json();
      const credential =
        form.dataset.passkey === 'create'
          ? await navigator.credentials.create({
              publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options),
            })
          : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
      form.elements.passkeyStep.value = step;
      form.elements.passkeyResponse.value = JSON.stringify(credential.toJSON());
      form.submit();
    } catch (error) {
      // The browser's own words are for programs: refused, too late, or not a device of the person's.
      problem.textContent =
        error instanceof DOMException ? 'No passkey was used. Try again, or go another way.' : error.message;
      delete form.dataset.sent;
    }
  }

  function offerPasskeys(root) {
    if (typeof PublicKeyCredential === 'undefined' || !PublicKeyCredential.parseRequestOptionsFromJSON) return;
    for (const form of root.querySelectorAll('form[data-passkey][hidden]')) {
      form.hidden = false;
      form.addEventListener('submit', (event) => {
        event.preventDefault();
        void withPasskey(form);
      });
    }
  }

  function shrinkBars() {
    for (const bar of document.querySelectorAll('progress[data-until]')) {
      const until = Date.parse(bar.dataset.until);
      const whole = until - Date.parse(bar.dataset.from);
      bar.value = whole > 0 ? Math.max(0, Math.round(((until - Date.now()) / whole) * 100)) : 0;
    }
  }

  const clockTime = new Intl.DateTimeFormat(undefined, { weekday: 'short', hour: '2-digit', minute: '2-digit' });

  /** The button says what it grants, the line below when that ends by the reader's own clock. */
  function showChosenTime() {
    const chosen = document.querySelector('input[data-duration]:checked');
    const button = document.querySelector('[data-grant-label]');
    const end = document.querySelector('[data-ends-at]');
    if (!chosen || !button || !end) return;
    button.textContent = `Grant ${chosen.dataset.duration}`;
    end.textContent = `Granted now, it ends ${clockTime.format(Date.now() + Number(chosen.value) * 1000)} your time.`;
  }

  function enhance(root) {
    offerPasskeys(root);
    for (const choice of root.querySelectorAll('input[data-duration]'))
      choice.addEventListener('change', showChosenTime);
    showChosenTime();
    shrinkBars();
    for (const element of root.querySelectorAll('time[data-local]')) showLocal(element);
    for (const input of root.querySelectorAll('input[data-read-into]')) {
      input.closest('[hidden]')?.removeAttribute('hidden');
      input.addEventListener('change', () => void readFile(input));
    }
    countDown();
  }

  /** One decision is sent once, however often the button is pressed. */
  document.addEventListener('submit', (event) => {
    const { form } = event.submitter ?? {};
    if (!form || form.method !== 'post') return;
    if (form.dataset.sent) event.preventDefault();
    else form.dataset.sent = 'yes';
  });
  window.addEventListener('pageshow', () => {
    for (const form of document.forms) delete form.dataset.sent;
  });

  /** What somebody was writing when the page changed under them; it is theirs and is given back. */
  let unsent = [];
  const written = (field) =>
    field.value !== field.defaultValue &&
    field.type !== 'hidden' &&
    field.type !== 'radio' &&
    field.value.trim() !== '';

  document.addEventListener('htmx:beforeSwap', ({ detail }) => {
    if (detail.xhr.status !== 200) return;
    unsent = [...document.querySelectorAll('main textarea, main input')]
      .filter(written)
      .map(({ id, value }) => ({ id, value }));
  });

  /** The page became another one: its title, the old notice and what is read aloud follow. */
  function afterSwap() {
    const heading = document.querySelector('main h1')?.textContent.trim() ?? '';
    document.title = `${heading} · Countersign`;
    document.querySelector('main > .notice')?.remove();
    document.getElementById('announcement').textContent = heading;
    for (const { id, value } of unsent) {
      const field = id && document.getElementById(id);
      if (field) {
        field.value = value;
        continue;
      }
      const kept = document.createElement('div');
      kept.className = 'notice wait';
      kept.textContent = 'The page changed while you were writing. Nothing of this was sent:';
      const words = kept.appendChild(document.createElement('textarea'));
      words.readOnly = true;
      words.value = value;
      words.setAttribute('aria-label', 'What you were writing');
      document.querySelector('main article')?.prepend(kept);
    }
    unsent = [];
    enhance(document);
  }

  document.addEventListener('htmx:afterSwap', afterSwap);
  enhance(document);
  setInterval(() => {
    countDown();
    shrinkBars();
  }, 1000);
})();
