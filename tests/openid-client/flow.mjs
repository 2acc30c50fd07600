// A relying party that was certified by the OpenID Foundation goes the whole way: sign-in with PKCE, userinfo, introspection, refresh, revocation, sign-out.
// Everything that it checks by itself (signature, iss, aud, nonce, at_hash, auth_time, the iss of RFC 9207) is checked here. The first thing that is not right ends it with an error.
import assert from 'node:assert/strict';
import * as oidc from 'openid-client';

const { ISSUER: issuer, EMAIL: email, PASSWORD: password } = process.env;
const insecure = { execute: [oidc.allowInsecureRequests] };
const cookies = new Map();

// Somebody with a browser.
async function open(address, options = {}) {
  const response = await fetch(address, { ...options, redirect: 'manual', headers: { ...options.headers, cookie: [...cookies].map((pair) => pair.join('=')).join('; ') } });
  for (const line of response.headers.getSetCookie()) {
    const [name, value] = line.split(';')[0].split(/=(.*)/s);
    if (value) cookies.set(name, value);
    else cookies.delete(name);
  }
  return response;
}

async function signIn() {
  const response = await open(`${issuer}/api/v1/sign-in`, { method: 'POST', headers: { 'content-type': 'application/json', 'x-holdfast-request': '1' }, body: JSON.stringify({ email, password }) });
  assert.equal(response.status, 204);
}

// The person is asked, and allows it.
async function allow(path) {
  const page = await (await open(issuer + path)).text();
  const plain = (text) => text.replace(/&#x([0-9a-f]+);/gi, (_, code) => String.fromCodePoint(parseInt(code, 16))).replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
  const value = (name) => plain(page.match(new RegExp(`name="${name}"[^>]*value="([^"]*)"`))[1]);
  const response = await open(`${issuer}/oauth/consent`, { method: 'POST', body: new URLSearchParams({ form_token: value('form_token'), request: value('request'), answer: 'allow' }) });
  assert.equal(response.status, 200);
  return response.headers.get('refresh').replace('0; url=', '');
}

// The way of the browser through the authorization endpoint, and what the application makes of the answer.
async function tokens(config, redirect, more = {}) {
  const verifier = oidc.randomPKCECodeVerifier();
  const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
  const address = oidc.buildAuthorizationUrl(config, {
    redirect_uri: redirect, scope: 'openid profile email workspaces offline_access', code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256', state, nonce, max_age: '3600', ...more,
  });
  const response = await open(address);
  assert.equal(response.status, 302, await response.text());
  let to = response.headers.get('location');
  if (to.startsWith('/oauth/consent')) to = await allow(to);
  return oidc.authorizationCodeGrant(config, new URL(to), { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, maxAge: 3600, idTokenExpected: true });
}

const active = async (config, token) => (await oidc.tokenIntrospection(config, token)).active;
const refused = (error) => (thrown) => thrown.error === error;

await signIn();

// On a server, with a secret, both ways to show it.
for (const way of [oidc.ClientSecretBasic, oidc.ClientSecretPost]) {
  const config = await oidc.discovery(new URL(issuer), 'shop', process.env.SECRET, way(process.env.SECRET), insecure);
  assert.ok(config.serverMetadata().supportsPKCE('S256'));
  const first = await tokens(config, 'https://app.quayside.example/signed-in');
  const claims = first.claims();
  assert.equal(claims.acr, 'urn:holdfast:acr:1fa');
  const person = await oidc.fetchUserInfo(config, first.access_token, claims.sub);
  assert.equal(person.email, email);
  assert.ok(await active(config, first.access_token));
  const second = await oidc.refreshTokenGrant(config, first.refresh_token);
  assert.notEqual(second.refresh_token, first.refresh_token);
  assert.ok(await active(config, second.access_token));
  await oidc.tokenRevocation(config, second.access_token);
  assert.equal(await active(config, second.access_token), false);
  await oidc.tokenRevocation(config, second.refresh_token);
  await assert.rejects(oidc.refreshTokenGrant(config, second.refresh_token), refused('invalid_grant'));
  assert.equal(await active(config, first.access_token), false);
}

// On somebody's device, without a secret: anything may listen there, so the person is asked.
const device = await oidc.discovery(new URL(issuer), 'phone', undefined, oidc.None(), insecure);
const own = await tokens(device, 'http://127.0.0.1:51234/in');
await oidc.fetchUserInfo(device, own.access_token, own.claims().sub);
await oidc.refreshTokenGrant(device, own.refresh_token);

// Asked silently for what is not there.
const shop = await oidc.discovery(new URL(issuer), 'shop', process.env.SECRET, oidc.ClientSecretBasic(process.env.SECRET), insecure);
await assert.rejects(tokens(shop, 'https://app.quayside.example/signed-in', { prompt: 'none', acr_values: 'urn:holdfast:acr:2fa' }), refused('interaction_required'));

// Signing out ends what there is of the session.
const last = await tokens(shop, 'https://app.quayside.example/signed-in');
const out = await open(oidc.buildEndSessionUrl(shop, { id_token_hint: last.id_token, post_logout_redirect_uri: 'https://app.quayside.example/bye', state: 'so long' }));
assert.equal(out.headers.get('location'), 'https://app.quayside.example/bye?state=so%20long');
assert.equal(await active(shop, last.access_token), false);
await assert.rejects(oidc.refreshTokenGrant(shop, last.refresh_token), refused('invalid_grant'));
await assert.rejects(tokens(shop, 'https://app.quayside.example/signed-in', { prompt: 'none' }), refused('login_required'));

console.log('all the way');
