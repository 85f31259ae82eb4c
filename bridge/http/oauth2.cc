// Asking for tokens, and using them.
#include "bridge/http/oauth2.h"

#include <algorithm>

#include "bridge/core/percent.h"
#include "bridge/http/json.h"

namespace copybridge::http {
namespace {

/// An answer without `expires_in` (RFC 6749 lets it out) is not used for ever.
constexpr Milliseconds kLifetimeUnsaid{3'600'000};

/// It comes from outside: nothing but a word gets into the log.
std::string word_of(std::string text) {
  std::erase_if(text,
                [](char letter) { return !((letter >= 'a' && letter <= 'z') || letter == '_'); });
  return text.substr(0, 60);
}

/// Why an answer gives no token; nothing where it may.
Result<void> check_answer(const std::string& label, const Answer& answer) {
  if (answer.failure == Failure::away || answer.failure == Failure::stopped) {
    return fail(ErrorKind::peer_away, label + ": " + answer.message);
  }
  if (answer.failure == Failure::refused) {
    return fail(ErrorKind::peer_refused, label + ": " + answer.message);
  }
  const std::string status = label + ": answered " + std::to_string(answer.status);
  if (answer.status / 100 == 5 || answer.status == 429) return fail(ErrorKind::peer_away, status);
  if (answer.status / 100 == 2) return {};
  return fail(ErrorKind::peer_refused,
              status + " " + word_of(json_text(answer.body, "/error").value_or("")));
}

Result<Fetched<std::string>> read_token(const std::string& label, const Answer& answer,
                                        std::string_view member) {
  if (const Result<void> checked = check_answer(label, answer); !checked) return pass_on(checked);
  std::optional<std::string> token = json_text(answer.body, member);
  const bool is_clean = token && std::ranges::all_of(*token, [](char character) {
                          return character > ' ' && character <= '~';
                        });
  if (!is_clean || token->empty()) {
    return fail(ErrorKind::peer_refused, label + ": the answer holds no token");
  }
  std::int64_t seconds = 0;
  const bool is_said = parse_integer(json_text(answer.body, "/expires_in").value_or(""), seconds);
  constexpr std::int64_t kYear = 31'536'000;
  const Milliseconds lifetime =
      is_said ? std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, kYear)) : kLifetimeUnsaid;
  return Fetched<std::string>{std::move(*token), lifetime};
}

/// The token is a member of the answer.
void send(Client& client, Result<Call> call, std::string member, const TokenDone& done) {
  if (!call) return done(pass_on(call));
  std::string label = call->label;
  client.send(std::move(*call),
              [label = std::move(label), member = std::move(member), done](const Answer& answer) {
                done(read_token(label, answer, member));
              });
}

/// The token of what the call brings.
TokenFetch fetch_by(TokenCall ask) {
  return [ask = std::move(ask)](Client& client, const TokenDone& done) {
    send(client, ask(), "/access_token", done);
  };
}

/// The token that the second call, where there is one, makes of the first one.
TokenFetch fetch_by(TokenCall ask, ExchangeCall exchange) {
  if (!exchange) return fetch_by(std::move(ask));
  return [first = fetch_by(std::move(ask)), exchange = std::move(exchange)](Client& client,
                                                                            const TokenDone& done) {
    first(client, [&client, exchange, done](Result<Fetched<std::string>> token) {
      if (!token) return done(std::move(token));
      send(client, exchange(token->value), "/accessToken", done);
    });
  };
}

void use_bearer(Call& call, const std::string& token, WallTime) {
  call.headers.push_back("Authorization: Bearer " + token);
}

class TokenAuthorizer final : public Authorizer {
 public:
  TokenAuthorizer(TokenFetch fetch, UseKey use, const Clock& clock)
      : fetch_(std::move(fetch)),
        use_(std::move(use)),
        clock_(clock),
        token_(clock, [this](const TokenDone& done) { fetch_(*client_, done); }) {}

  Result<void> open(Client& client) override {
    client_ = &client;
    return token_.begin();
  }
  void authorize(Call call, Then then) override {
    token_.get([this, call = std::move(call),
                then = std::move(then)](const Result<Token::Value>& token) mutable {
      if (!token) return then(pass_on(token));
      use_(call, **token, clock_.wall_now());
      then(std::move(call));
    });
  }
  Result<bool> renew() override {
    token_.drop();
    return true;
  }

 private:
  using Token = Refreshed<std::string>;

  const TokenFetch fetch_;
  const UseKey use_;
  const Clock& clock_;
  Client* client_ = nullptr;
  Token token_;
};

class FetchedTokens final : public TokenSource {
 public:
  FetchedTokens(TokenFetch fetch, const Clock& clock)
      : fetch_(std::move(fetch)),
        clock_(clock),
        token_(clock, [this](const Refreshed<Token>::Done& done) { fetch_with_end(done); }) {}

  Result<void> open(Client& client) override {
    client_ = &client;
    return token_.begin();
  }
  void get(const Then& then) override {
    token_.get_renewed([then](const Result<Refreshed<Token>::Value>& token) {
      token ? then(**token) : then(pass_on(token));
    });
  }
  Result<bool> renew() override {
    token_.drop();
    return true;
  }

 private:
  void fetch_with_end(const Refreshed<Token>::Done& done) {
    fetch_(*client_, [this, done](Result<Fetched<std::string>> token) {
      if (!token) return done(pass_on(token));
      const SteadyTime ends = clock_.now() + token->lifetime;
      done(Fetched<Token>{{std::move(token->value), ends}, token->lifetime});
    });
  }

  const TokenFetch fetch_;
  const Clock& clock_;
  Client* client_ = nullptr;
  Refreshed<Token> token_;
};

class Chain final : public Authorizer {
 public:
  Chain(std::unique_ptr<Authorizer> first, std::unique_ptr<Authorizer> second)
      : first_(std::move(first)), second_(std::move(second)) {}

  Result<void> open(Client& client) override {
    if (Result<void> opened = first_->open(client); !opened) return opened;
    return second_->open(client);
  }
  void authorize(Call call, Then then) override {
    first_->authorize(std::move(call), [this, then = std::move(then)](Result<Call> next) {
      if (!next) return then(std::move(next));
      second_->authorize(std::move(*next), then);
    });
  }
  Result<bool> renew() override {
    const Result<bool> first = first_->renew();
    if (!first) return pass_on(first);
    const Result<bool> second = second_->renew();
    if (!second) return pass_on(second);
    return *first || *second;
  }

 private:
  const std::unique_ptr<Authorizer> first_;
  const std::unique_ptr<Authorizer> second_;
};

}  // namespace

std::unique_ptr<TokenSource> make_token_source(TokenFetch fetch, const Clock& clock) {
  return std::make_unique<FetchedTokens>(std::move(fetch), clock);
}

std::unique_ptr<TokenSource> make_token_source(TokenCall ask, const Clock& clock) {
  return make_token_source(fetch_by(std::move(ask)), clock);
}

std::unique_ptr<Authorizer> make_bearer_authorizer(TokenCall ask, const Clock& clock) {
  return make_token_authorizer(std::move(ask), use_bearer, clock);
}

std::unique_ptr<Authorizer> make_token_authorizer(TokenCall ask, UseKey use, const Clock& clock) {
  return std::make_unique<TokenAuthorizer>(fetch_by(std::move(ask)), std::move(use), clock);
}

std::unique_ptr<Authorizer> make_bearer_authorizer(TokenCall ask, ExchangeCall exchange,
                                                   const Clock& clock) {
  return std::make_unique<TokenAuthorizer>(fetch_by(std::move(ask), std::move(exchange)),
                                           use_bearer, clock);
}

Call form_post(const std::string& url, std::string body) {
  Call call;
  call.url = url;
  call.label = url.substr(0, url.find('?'));
  call.headers = {"Content-Type: application/x-www-form-urlencoded"};
  call.body = std::move(body);
  return call;
}

TokenCall client_credentials(const std::string& token_url, const std::string& client_id,
                             const Secret& client_secret, const std::string& scope) {
  return [=]() -> Result<Call> {
    const Result<std::string> secret = client_secret.resolve();
    if (!secret) return pass_on(secret);
    std::string body = "grant_type=client_credentials&client_id=" + percent_encoded(client_id) +
                       "&client_secret=" + percent_encoded(*secret);
    if (!scope.empty()) body += "&scope=" + percent_encoded(scope);
    return form_post(token_url, std::move(body));
  };
}

std::unique_ptr<Authorizer> make_chain(std::unique_ptr<Authorizer> first,
                                       std::unique_ptr<Authorizer> second) {
  return std::make_unique<Chain>(std::move(first), std::move(second));
}

}  // namespace copybridge::http
