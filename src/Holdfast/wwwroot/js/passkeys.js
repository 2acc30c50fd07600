// Passkeys: asks the browser for one, puts what it says into the form, and sends the form. What works is decided by the server; where the browser knows no passkeys nothing of this is shown.
'use strict';
{
  const known = window.PublicKeyCredential;
  const can = Boolean(known?.parseCreationOptionsFromJSON && known.parseRequestOptionsFromJSON && navigator.credentials);
  // A challenge is good for five minutes. One that waits in the autofill of a page left open is renewed before.
  const renewal = 4 * 60_000;

  class Said extends Error {}

  const challenge = async (address) => {
    const answer = await fetch(address, { method: 'POST', headers: { 'x-holdfast-request': '1' } });
    if (answer.ok) return answer.json();
    // The session, the sign-in or the last proof is over: the page itself knows where to go.
    if (answer.status === 401 || answer.status === 403) {
      location.reload();
      return new Promise(() => {});
    }
    throw new Said((await answer.json()).detail);
  };

  // Which of our sentences fits what the browser says.
  const sentence = (error) => {
    switch (error.name) {
      case 'NotAllowedError': return 'cancelled';
      case 'InvalidStateError': return 'exists';
      case 'NotSupportedError':
      case 'ConstraintError': return 'unfit';
      case 'SecurityError': return 'elsewhere';
      default: return 'failed';
    }
  };

  const set = (part) => {
    const button = part.querySelector('button');
    const line = part.querySelector('[role=alert]');
    const form = part.closest('form');
    const creates = part.dataset.passkey === 'create';
    let waiting = null; // What the autofill waits with.
    let renew;

    const say = (text) => {
      line.querySelector('span').textContent = text;
      line.hidden = text === '';
    };

    const ask = async (how) => {
      const { ticket, options } = await challenge(part.dataset.options);
      const credential = creates
        ? await navigator.credentials.create({ publicKey: known.parseCreationOptionsFromJSON(options), ...how })
        : await navigator.credentials.get({ publicKey: known.parseRequestOptionsFromJSON(options), ...how });
      form.elements.ticket.value = ticket;
      form.elements.credential.value = JSON.stringify(credential);
      // What else the form asks for is not needed with a passkey.
      form.noValidate = true;
      form.requestSubmit();
    };

    const stop = () => {
      clearTimeout(renew);
      waiting?.abort();
      waiting = null;
    };

    const wait = async () => {
      stop();
      const mine = waiting = new AbortController();
      renew = setTimeout(wait, renewal);
      try {
        await ask({ mediation: 'conditional', signal: mine.signal });
      } catch { /* Nobody chose one, or the button is quicker. It says what is wrong; this only waits. */ }
    };

    const autofill = async () => {
      if (part.dataset.autofill === 'true' && await known.isConditionalMediationAvailable?.()) wait();
    };

    button.addEventListener('click', async () => {
      stop();
      say('');
      button.disabled = true;
      try {
        await ask({});
      } catch (error) {
        say(error instanceof Said ? error.message : part.dataset[sentence(error)]);
        autofill();
      } finally {
        button.disabled = false;
      }
    });
    form.addEventListener('submit', stop);
    part.hidden = false;
    // What was hidden could not take the focus when the page was opened.
    if (button.autofocus && document.activeElement === document.body) button.focus();
    for (const other of document.querySelectorAll('[data-without-passkey]')) other.hidden = true;
    autofill();
  };

  if (can) {
    for (const part of document.querySelectorAll('[data-passkey]')) if (part.dataset.origin === location.origin) set(part);

    // What the browser and its keychain show is brought up to date (WebAuthn L3 §5.1.10). Who does not know how, does not.
    const tell = (signal, details) => { known[signal]?.(details).catch(() => {}); };
    for (const { dataset } of document.querySelectorAll('[data-passkeys-of]')) {
      if (dataset.origin !== location.origin) continue;
      const whose = { rpId: dataset.rp, userId: dataset.passkeysOf };
      tell('signalAllAcceptedCredentials', { ...whose, allAcceptedCredentialIds: dataset.ids.split(' ').filter(Boolean) });
      tell('signalCurrentUserDetails', { ...whose, name: dataset.name, displayName: dataset.displayName });
    }
    for (const { dataset } of document.querySelectorAll('[data-unknown-passkey]')) {
      if (dataset.origin === location.origin) tell('signalUnknownCredential', { rpId: dataset.rp, credentialId: dataset.unknownPasskey });
    }
  }
}
