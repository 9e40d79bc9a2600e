// oidc-provider with one client, on a free port of loopback. Argument: JSON with client, secret, redirect, signedOut,
// backchannel, and how it differs: alg, auth, claimsInToken. Prints its issuer when it listens.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';

import Provider from 'oidc-provider';

const asked = JSON.parse(process.argv[2]);
const made = asked.alg === 'ES256'
  ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
  : generateKeyPairSync('rsa', { modulusLength: 2048 });
const key = made.privateKey.export({ format: 'jwk' });
const server = createServer();
await new Promise((ready) => { server.listen(0, '127.0.0.1', ready); });
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [{
    client_id: asked.client,
    client_secret: asked.secret,
    redirect_uris: [asked.redirect],
    id_token_signed_response_alg: asked.alg,
    token_endpoint_auth_method: asked.auth,
    post_logout_redirect_uris: [asked.signedOut],
    backchannel_logout_uri: asked.backchannel,
    backchannel_logout_session_required: true,
  }],
  claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'], groups: ['groups'] },
  conformIdTokenClaims: !asked.claimsInToken,
  cookies: { keys: ['a key of a test'] },
  features: { backchannelLogout: { enabled: true }, rpInitiatedLogout: { enabled: true } },
  // Our own back-channel address stands on loopback too, which the provider would refuse to call.
  fetch: (url, options) => globalThis.fetch(url, { ...options, dispatcher: undefined }),
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({
      sub: id, name: `Mevrouw ${id}`, email: `${id}@school.example`, email_verified: true,
      groups: id.startsWith('leerling') ? ['leerlingen'] : ['medewerkers'],
    }),
  }),
  jwks: { keys: [{ ...key, use: 'sig', alg: asked.alg, kid: 'one' }] },
  pkce: { required: () => true },
});
server.on('request', provider.callback());
provider.on('server_error', (_, error) => { console.error(error); });
console.log(issuer);
