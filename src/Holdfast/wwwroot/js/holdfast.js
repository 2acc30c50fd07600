// What script adds: nothing that the pages need. Each part looks for its own mark and leaves the rest alone.
'use strict';

// Show and hide a password.
for (const button of document.querySelectorAll('[data-reveal]')) {
  const field = document.getElementById(button.dataset.reveal);
  button.hidden = false;
  button.addEventListener('click', () => {
    const shown = field.type === 'text';
    field.type = shown ? 'password' : 'text';
    button.setAttribute('aria-pressed', String(!shown));
  });
  // A password that was shown must not be offered to the browser's form history.
  field.form?.addEventListener('submit', () => { field.type = 'password'; });
}

// How strong a new password is, by the server's own rules.
for (const meter of document.querySelectorAll('[data-meter]')) {
  const field = document.getElementById(meter.dataset.meter);
  const line = meter.querySelector('p');
  const atFirst = line.textContent;
  const tones = ['danger', 'danger', 'warn', 'ok', 'ok'];
  let timer;
  let asked = 0;
  const show = (score, tone, label, advice) => {
    meter.dataset.score = score;
    meter.dataset.tone = tone;
    line.textContent = '';
    if (label) {
      const strong = document.createElement('strong');
      strong.textContent = label;
      line.append(strong, advice ? ' ' + advice : '');
    } else line.textContent = advice;
  };
  const ask = async () => {
    const turn = ++asked;
    const body = { password: field.value };
    for (const name of (meter.dataset.about || '').split(' ').filter(Boolean)) body[name] = document.getElementById(name)?.value ?? '';
    try {
      const answer = await fetch('/api/v1/password/strength', {
        method: 'POST', headers: { 'content-type': 'application/json', 'x-holdfast-request': '1' }, body: JSON.stringify(body),
      });
      if (!answer.ok || turn !== asked) return;
      const found = await answer.json();
      show(found.score, tones[found.score], found.label, found.advice);
    } catch { /* The meter is a help; the server decides when the form is sent. */ }
  };
  field.addEventListener('input', () => {
    clearTimeout(timer);
    if (field.value === '') { asked++; show(0, '', '', atFirst); } else timer = setTimeout(ask, 250);
  });
}

// The browser's time zone, a first guess.
for (const field of document.querySelectorAll('[data-time-zone]')) {
  try { field.value = Intl.DateTimeFormat().resolvedOptions().timeZone || ''; } catch { field.value = ''; }
}

// Copy what stands in a list, and say so; print the page.
for (const button of document.querySelectorAll('[data-copy]')) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener('click', async () => {
    const copied = document.getElementById(button.dataset.copy);
    const lines = [...copied.querySelectorAll('li')].map((line) => line.textContent.trim());
    await navigator.clipboard.writeText(lines.length > 0 ? lines.join('\n') : copied.textContent.trim());
    const toast = document.createElement('div');
    toast.className = 'toasts';
    toast.setAttribute('role', 'status');
    const notice = document.createElement('p');
    notice.className = 'notice';
    notice.textContent = button.dataset.copied;
    toast.append(notice);
    document.body.append(toast);
    setTimeout(() => toast.remove(), 4000);
  });
}
for (const button of document.querySelectorAll('[data-print]')) {
  button.hidden = false;
  button.addEventListener('click', () => window.print());
}

// After a proof the kept form goes on by itself.
document.querySelector('[data-go-on]')?.requestSubmit();

// A wait that counts down: shown each second, told to readers only when it is over.
for (const clock of document.querySelectorAll('[data-countdown]')) {
  const until = Date.now() + Number(clock.dataset.countdown) * 1000;
  const face = clock.querySelector('time');
  const tick = () => {
    const left = Math.max(0, Math.ceil((until - Date.now()) / 1000));
    face.textContent = Math.floor(left / 60) + ':' + String(left % 60).padStart(2, '0');
    if (left > 0) setTimeout(tick, 500);
  };
  tick();
}
for (const line of document.querySelectorAll('[data-wait]:not([data-wait=""])')) {
  setTimeout(() => { line.textContent = line.dataset.waitOver; }, Number(line.dataset.wait) * 1000);
}

// Menus: one open at a time (the name attribute sees to it), Escape closes, arrows walk.
document.addEventListener('keydown', (event) => {
  const menu = event.target.closest('details.menu');
  if (!menu?.open) return;
  if (event.key === 'Escape') {
    menu.open = false;
    menu.querySelector('summary').focus();
  } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    const all = [...menu.querySelectorAll('.menu-panel a, .menu-panel button')];
    const step = event.key === 'ArrowDown' ? 1 : -1;
    const at = all.indexOf(document.activeElement);
    all[(at + step + all.length) % all.length]?.focus();
    event.preventDefault();
  }
});

// Search as you type: the same page is asked, and its part with the findings takes the place of the old one.
for (const form of document.querySelectorAll('form[data-find]')) {
  let timer;
  let turn = 0;
  const find = async () => {
    const mine = ++turn;
    const address = form.action + '?' + new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ''));
    try {
      const answer = await fetch(address, { headers: { accept: 'text/html' } });
      if (!answer.ok || answer.redirected || mine !== turn) return;
      const found = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById(form.dataset.find);
      if (!found || mine !== turn) return;
      document.getElementById(form.dataset.find).replaceChildren(...found.childNodes);
      history.replaceState(null, '', address);
    } catch { /* The button still works. */ }
  };
  form.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(find, 200); });
}

// After a refusal the first wrong field has the focus; the browser's own autofocus does it only on a fresh page.
const wrong = document.querySelector('[aria-invalid="true"]');
if (wrong) wrong.focus();

// A form is sent once, however often its button is pressed.
for (const form of document.querySelectorAll('form[method="post"]')) {
  form.addEventListener('submit', (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = '1';
    setTimeout(() => delete form.dataset.sent, 5000);
  });
}
