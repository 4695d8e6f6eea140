// A provider that we have not written: the certified oidc-provider, configured as a Swedish one is. Whoever comes chooses
// who to be and at which level; the form has the fields of Lika's own test provider.

import { execFileSync } from 'node:child_process';
import { createHash, generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request } from 'node:https';
import { Provider } from 'oidc-provider';
// What everybody has signed in to outlives a change of keys.
import { createMemoryAdapter } from 'oidc-provider/lib/adapters/memory_adapter.js';

const NUMBER = 'https://id.oidc.se/claim/personalIdentityNumber';
const USER_MESSAGE = 'https://id.oidc.se/param/userMessage';
const UNMET = 'unmet_authentication_requirements';
/** The levels, by the digit in the form. */
const LEVELS = Object.fromEntries(
  ['2', '3', '4'].map((digit) => [digit, `http://id.elegnamnden.se/loa/1.0/loa${digit}`]),
);
const SCOPES = {
  openid: ['sub'],
  profile: ['name'],
  'https://id.oidc.se/scope/naturalPersonInfo': ['name'],
  'https://id.oidc.se/scope/naturalPersonNumber': [NUMBER],
};
const HOUR_S = 3600;
const FORM_CHARACTERS = 10_000;

export class IndependentProvider {
  #settings;
  #keys = [];
  #adapter = createMemoryAdapter();
  #cookieKeys = [randomBytes(32).toString('hex')];
  #sessions = new Map();
  #server;
  #provider;
  #answer;

  /**
   * Listens with TLS at the address, on any free port unless one is given.
   * @param {{
   *   address?: string, port?: number, certificate?: { key: string, cert: string },
   *   client: { id: string, redirectUri: string, publicJwk: object, backChannelLogoutUri?: string,
   *     postLogoutRedirectUri?: string },
   *   people: { number: string, name: string }[], algorithm?: 'ES256' | 'RS256', requirePar?: boolean, par?: boolean,
   * }} settings the certificate in PEM, one of its own by default; whether requests must or may be pushed
   */
  static async start({ address = '127.0.0.1', port = 0, certificate = selfSigned(address), ...settings }) {
    const provider = new IndependentProvider();
    provider.#settings = { algorithm: 'ES256', requirePar: false, par: true, ...settings };
    /** What a client must trust, in PEM. */
    provider.certificate = certificate.cert;
    provider.#server = createServer(certificate, (...exchange) => provider.#answer(...exchange));
    provider.#server.listen(port, address);
    await once(provider.#server, 'listening');
    provider.issuer = `https://${address}:${provider.#server.address().port}`;
    provider.rotate();
    return provider;
  }

  /** By which a browser knows the certificate that nobody has signed. */
  get pin() {
    const { publicKey } = new X509Certificate(this.certificate);
    const key = publicKey.export({ type: 'spki', format: 'der' });
    return createHash('sha256').update(key).digest('base64');
  }

  /** Signs with a new key from now on; the keys before it are still published. */
  rotate() {
    this.#keys.unshift(signingKey(this.#settings.algorithm));
    this.#provider = new Provider(this.issuer, this.#configuration());
    this.#provider.use((ctx, next) => this.#interact(ctx, next));
    this.#provider.on('session.saved', ({ uid, accountId }) => accountId && this.#sessions.set(uid, accountId));
    this.#provider.on('server_error', (_, error) => console.error(error));
    this.#answer = this.#provider.callback();
  }

  /** Ends the person's sessions, of which every client is told; fails if one does not take it. */
  async signOut({ number }) {
    const sessions = [...this.#sessions].filter(([, account]) => account === accountOf(number));
    for (const [uid] of sessions) {
      this.#sessions.delete(uid);
      const session = await this.#provider.Session.findByUid(uid);
      if (!session) continue;
      await session.destroy();
      for (const id of Object.keys(session.authorizations ?? {})) {
        const client = await this.#provider.Client.find(id);
        if (client.backchannelLogoutUri) await client.backchannelLogout(session.accountId, session.sidFor(id));
      }
    }
  }

  async close() {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #configuration() {
    const { requirePar, par } = this.#settings;
    return {
      adapter: this.#adapter,
      acrValues: Object.values(LEVELS),
      claims: SCOPES,
      clients: [this.#client()],
      conformIdTokenClaims: false,
      cookies: { keys: this.#cookieKeys },
      extraParams: [USER_MESSAGE],
      features: {
        backchannelLogout: { enabled: true },
        claimsParameter: { enabled: true },
        devInteractions: { enabled: false },
        pushedAuthorizationRequests: { enabled: par || requirePar, requirePushedAuthorizationRequests: requirePar },
        requestObjects: { enabled: true },
        rpInitiatedLogout: { enabled: true, logoutSource, postLogoutSuccessSource },
      },
      fetch: toThisMachine,
      findAccount: (_, account) => this.#account(account),
      interactions: { url: (_, { uid }) => `/interaction/${uid}` },
      jwks: { keys: this.#keys },
      loadExistingGrant: consent,
      pkce: { required: () => true },
      renderError,
      ttl: {
        AccessToken: HOUR_S,
        AuthorizationCode: 60,
        Grant: HOUR_S,
        IdToken: HOUR_S,
        Interaction: HOUR_S,
        Session: HOUR_S,
      },
    };
  }

  #client() {
    const { client, algorithm } = this.#settings;
    return {
      client_id: client.id,
      redirect_uris: [client.redirectUri],
      response_types: ['code'],
      grant_types: ['authorization_code'],
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [client.publicJwk] },
      id_token_signed_response_alg: algorithm,
      ...(client.postLogoutRedirectUri && { post_logout_redirect_uris: [client.postLogoutRedirectUri] }),
      ...(client.backChannelLogoutUri && {
        backchannel_logout_uri: client.backChannelLogoutUri,
        backchannel_logout_session_required: true,
      }),
    };
  }

  #account(accountId) {
    const person = this.#settings.people.find(({ number }) => accountOf(number) === accountId);
    return person && { accountId, claims: () => ({ sub: accountId, name: person.name, [NUMBER]: person.number }) };
  }

  /** The page on which a person chooses, and what comes of it. */
  async #interact(ctx, next) {
    if (!ctx.path.startsWith('/interaction/')) return next();
    const { params } = await this.#provider.interactionDetails(ctx.req, ctx.res);
    if (ctx.method === 'POST') {
      const result = this.#outcome(params, await form(ctx.req));
      ctx.respond = false;
      return this.#provider.interactionFinished(ctx.req, ctx.res, result, { mergeWithLastSubmission: false });
    }
    ctx.body = choosing(this.#settings.people, message(params), essential(params));
  }

  #outcome(params, chosen) {
    if (chosen.get('decision') !== 'sign') return { error: 'access_denied', error_description: 'the person cancelled' };
    const person = this.#settings.people.find(({ number }) => number === chosen.get('person'));
    const acr = LEVELS[chosen.get('level')];
    if (!person || !acr) return { error: 'access_denied', error_description: 'nobody or no level was chosen' };
    const required = essential(params);
    if (required.length && !required.includes(acr)) return { error: UNMET, error_description: 'the level is too low' };
    return { login: { accountId: accountOf(person.number), acr } };
  }
}

/** What the client is told instead of the number. */
function accountOf(number) {
  return createHash('sha256').update(number).digest('base64url');
}

function signingKey(algorithm) {
  const { privateKey } =
    algorithm === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...privateKey.export({ format: 'jwk' }), alg: algorithm, use: 'sig', kid: randomBytes(8).toString('hex') };
}

/** A certificate that nobody has signed, and its key, in PEM. */
export function selfSigned(address) {
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', '-', '-out', '-'];
  const name = ['-subj', `/CN=${address}`, '-addext', `subjectAltName=IP:${address}`];
  // A server's certificate that may sign others is refused by careful clients.
  const extent = ['-addext', 'basicConstraints=critical,CA:FALSE'];
  const made = execFileSync('openssl', ['req', '-x509', ...kind, ...name, ...extent], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [, key, cert] = made.match(/(-----BEGIN PRIVATE KEY-----.+?-----END PRIVATE KEY-----\n)(.+)/s);
  return { key, cert };
}

/** Everybody has agreed to everything: what a person agrees to is not what is tested. */
async function consent({ oidc: { client, provider, session } }) {
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope(Object.keys(SCOPES).join(' '));
  grant.addOIDCClaims(['name', NUMBER, 'acr', 'auth_time']);
  await grant.save();
  return grant;
}

/**
 * Instead of the provider's own way of calling clients, which never reaches addresses of this machine and does not
 * believe certificates that nobody has signed.
 */
function toThisMachine(url, { method, headers, body, signal }) {
  return new Promise((resolve, reject) => {
    const call = { method, headers: Object.fromEntries(headers), signal, rejectUnauthorized: false };
    const client = request(url, call, (answer) => {
      answer.resume();
      resolve(new Response(null, { status: answer.statusCode }));
    });
    client.on('error', reject);
    client.end(String(body));
  });
}

async function form(stream) {
  let text = '';
  for await (const chunk of stream) {
    text += chunk;
    if (text.length > FORM_CHARACTERS) throw new Error('the form is too long');
  }
  return new URLSearchParams(text);
}

/** The levels without which the client does not want a login. */
function essential({ claims }) {
  const acr = claims && JSON.parse(claims).id_token?.acr;
  if (!acr?.essential) return [];
  return acr.values ?? (acr.value ? [acr.value] : []);
}

/** The text to show. In a request object it is lost: the library makes text of every object that it does not know. */
function message({ [USER_MESSAGE]: value }) {
  try {
    return value && Buffer.from(JSON.parse(value).message, 'base64').toString();
  } catch {
    return undefined;
  }
}

function choosing(people, shown, required) {
  const radio = (name, value, label, checked = '') =>
    `<p><label><input type="radio" name="${name}" value="${escape(value)}" required ${checked}> ${escape(label)}</label></p>`;
  const wanted = Object.keys(LEVELS).find((digit) => required.includes(LEVELS[digit])) ?? '3';
  return page(
    'Vem är du?',
    `${shown ? `<p>${escape(shown)}</p>` : ''}
    <form method="post">
      ${people.map(({ number, name }) => radio('person', number, name)).join('')}
      ${Object.keys(LEVELS)
        .map((digit) => radio('level', digit, `Tillitsnivå ${digit}`, digit === wanted ? 'checked' : ''))
        .join('')}
      <button name="decision" value="sign">Legitimera</button>
      <button name="decision" value="cancel" formnovalidate>Avbryt</button>
    </form>`,
  );
}

function logoutSource(ctx, form) {
  const button = '<button form="op.logoutForm" name="logout" value="yes">Logga ut</button>';
  ctx.body = page('Vill du logga ut?', `${form}${button}`);
}

function postLogoutSuccessSource(ctx) {
  ctx.body = page('Du är utloggad', '');
}

function renderError(ctx, { error, error_description: description = '' }) {
  ctx.type = 'html';
  ctx.body = page('Det gick inte', `<p>${escape(error)}: ${escape(description)}</p>`);
}

function page(title, body) {
  return `<!doctype html><html lang="sv"><meta charset="utf-8"><title>${title}</title><h1>${title}</h1>${body}</html>`;
}

function escape(text) {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
