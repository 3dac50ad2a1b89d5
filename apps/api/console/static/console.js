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

  function enhance(root) {
    offerPasskeys(root);
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

  document.addEventListener('htmx:afterSwap', () => enhance(document));
  enhance(document);
  setInterval(countDown, 1000);
})();
