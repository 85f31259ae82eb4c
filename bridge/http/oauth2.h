// Bearer tokens that an authorization server gives (RFC 6749) or a machine's metadata service.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "bridge/core/options.h"
#include "bridge/http/authorizer.h"
#include "bridge/http/key_authorizer.h"
#include "bridge/http/refreshed.h"
#include "bridge/http/token_source.h"

namespace copybridge::http {

/// Forms the call that asks for a token. Its answer has `access_token` and `expires_in` in seconds
/// (RFC 6749, section 5.1). ErrorKind::config: a secret that is not there.
using TokenCall = std::function<Result<Call>()>;

using TokenDone = Refreshed<std::string>::Done;
/// Fetches one token through the client and calls back once, at once or later.
using TokenFetch = std::function<void(Client&, const TokenDone&)>;

/// Tokens that it fetches, one at a time however many wait.
[[nodiscard]] std::unique_ptr<TokenSource> make_token_source(TokenFetch fetch, const Clock& clock);

/// Tokens that such a call brings. An answer of 4xx is peer_refused with the server's `error` word,
/// 5xx and 429 are peer_away.
[[nodiscard]] std::unique_ptr<TokenSource> make_token_source(TokenCall ask, const Clock& clock);

/// Puts `Authorization: Bearer …` on calls; the token is fetched by one call however many wait, and
/// again before it ends.
[[nodiscard]] std::unique_ptr<Authorizer> make_bearer_authorizer(TokenCall ask, const Clock& clock);
/// Likewise, and `use` puts the token where the service wants it.
[[nodiscard]] std::unique_ptr<Authorizer> make_token_authorizer(TokenCall ask, UseKey use,
                                                                const Clock& clock);

/// A second call that makes another token of the first one. Its answer has `accessToken`, as
/// Google's impersonation gives it, for an hour.
using ExchangeCall = std::function<Result<Call>(const std::string& token)>;
[[nodiscard]] std::unique_ptr<Authorizer> make_bearer_authorizer(TokenCall ask,
                                                                 ExchangeCall exchange,
                                                                 const Clock& clock);

/// The grant of client credentials (RFC 6749, section 4.4) with the secret in the body; `scope` may
/// be empty.
[[nodiscard]] TokenCall client_credentials(const std::string& token_url,
                                           const std::string& client_id,
                                           const Secret& client_secret, const std::string& scope);

/// A POST of a form; the label is the URL without its query.
[[nodiscard]] Call form_post(const std::string& url, std::string body);

/// One after the other.
[[nodiscard]] std::unique_ptr<Authorizer> make_chain(std::unique_ptr<Authorizer> first,
                                                     std::unique_ptr<Authorizer> second);

}  // namespace copybridge::http
