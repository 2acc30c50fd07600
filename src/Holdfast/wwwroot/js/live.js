// Live sign-out: while it can be seen, a page of a signed-in person holds one stream to the server, and goes to the sign-in page when the session is over.
// The sign-in page knows the reason by itself. Only what is visible holds a stream: browsers allow six connections to a server.
'use strict';
{
  const { account } = document.currentScript.dataset;
  const silence = 40_000; // The server gives a sign of life every 15 seconds.
  let line = null; // The stream that is open, or being opened.
  let next; // The timer of the next call.
  let heard = 0; // When the line last gave a sign of life.
  let ticked = 0;
  let failures = 0;
  let refusals = 0;
  let patience = 2; // So many refusals in a row are believed.
  let formSent = 0;

  const visible = () => document.visibilityState === 'visible';
  const jitter = (ms) => ms * (0.5 + Math.random() / 2);
  const backOff = () => jitter(Math.min(30_000, 1000 * 2 ** failures++));

  // Where this page is, without the name of a form's handler: that address is for sending only.
  const here = () => {
    const url = new URL(location.href);
    url.searchParams.delete('handler');
    return url.pathname + url.search;
  };

  const hangUp = () => {
    clearTimeout(next);
    line?.abort();
    line = null;
  };

  // What an event means: milliseconds until the next call.
  const events = {
    ended: () => 0,
    // The new cookie comes with an answer that may still be on its way.
    renewed: () => { patience = 5; return 300; },
    crowded: () => jitter(120_000),
  };

  const opened = (data) => {
    refusals = 0;
    patience = 2;
    // Somebody else has signed in with this browser: what this page shows is not theirs.
    if (account && data.account !== account) location.replace(here());
  };

  const refused = () => {
    // Refused once is not over: the token changes with every proof, and another page of this browser may just have got the new one.
    if (++refusals < patience) return 400 * refusals;
    // A form of this page is on its way. Its answer may bring the new cookie: leaving now would throw it away.
    if (Date.now() - formSent < 10_000) return 1000;
    location.replace('/sign-in?return=' + encodeURIComponent(here()));
    return 10_000;
  };

  const busy = (answer) => {
    const wait = Number(answer.headers.get('retry-after'));
    return wait > 0 ? jitter(2000 * wait) : backOff();
  };

  const listen = async (body) => {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    const since = Date.now();
    for (let text = ''; ;) {
      const { done, value } = await reader.read();
      if (done) break;
      heard = Date.now();
      text += value;
      for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) {
        const found = /^event: (\w+)\ndata: (.*)$/.exec(text.slice(0, end));
        if (found?.[1] === 'open') opened(JSON.parse(found[2]));
        else if (found && found[1] in events) return events[found[1]]();
      }
    }
    // The server stopped, or the stream was old enough for it or for a proxy on the way.
    if (Date.now() - since > 10_000) failures = 0;
    return backOff();
  };

  const call = async () => {
    hangUp();
    if (!visible()) return;
    const mine = line = new AbortController();
    heard = ticked = Date.now();
    let wait;
    try {
      const answer = await fetch('/api/v1/session/stream', { headers: { accept: 'text/event-stream' }, cache: 'no-store', signal: mine.signal });
      wait = answer.ok ? await listen(answer.body) : answer.status === 401 ? refused() : busy(answer);
    } catch {
      if (line === mine) wait = backOff();
    }
    // Hung up meanwhile, or called anew: not ours to go on.
    if (line !== mine) return;
    hangUp();
    next = setTimeout(call, wait);
  };

  const begin = () => {
    failures = refusals = 0;
    call();
  };

  addEventListener('submit', () => { formSent = Date.now(); }, true);
  document.addEventListener('visibilitychange', () => { if (visible()) begin(); else hangUp(); });
  addEventListener('pagehide', hangUp);
  addEventListener('pageshow', (event) => { if (event.persisted) begin(); });
  addEventListener('online', begin);
  // After sleep the old connection may be dead without anybody having said so: a clock that jumped tells.
  setInterval(() => {
    const now = Date.now();
    if (visible() && (now - ticked > 5000 || (line && now - heard > silence))) begin();
    ticked = now;
  }, 1000);
  begin();
}
