// A certified OpenID Connect server for the tests: `node provider.mjs PORT`. Its settings are JSON on stdin: the issuer's
// URL, its private keys, and the redirect URIs of the gallery and of the commands. It prints a line when it listens.

import { readFileSync } from "node:fs";
import Provider from "oidc-provider";

const { issuer, keys, pages } = JSON.parse(readFileSync(0, "utf8"));
const provider = new Provider(issuer, {
  jwks: { keys },
  clients: [
    {
      client_id: "app",
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      redirect_uris: pages,
      post_logout_redirect_uris: pages,
      id_token_signed_response_alg: "RS256",
    },
  ],
  pkce: { required: () => true },
  clientBasedCORS: () => true,
  cookies: { keys: ["a key of the test"] },
  // As Amazon Cognito and Keycloak do, without the scope offline_access.
  issueRefreshToken: (_, client) => client.grantTypeAllowed("refresh_token"),
  // Its own pages, on which any user may sign in with any password.
  features: { devInteractions: { enabled: true }, revocation: { enabled: true }, rpInitiatedLogout: { enabled: true } },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
});
provider.listen(Number(process.argv[2]), "127.0.0.1", () => process.stdout.write("listening\n"));
