// Words, and where each word's tokens come from.
#include "bridge/kafka/login_options.h"

#include <fmt/format.h>

#include <algorithm>

#include "bridge/core/digest.h"
#include "bridge/core/option_rules.h"
#include "bridge/http/oauth2.h"
#include "bridge/http/options.h"
#include "bridge/publishers/aws/key_sources.h"
#include "bridge/publishers/azure/identity.h"

namespace copybridge::kafka {
namespace {

namespace aws = publishers::aws;
namespace azure = publishers::azure;

constexpr std::pair<std::string_view, std::string_view> kTokenProperties[] = {
    {"security.protocol", "SASL_SSL"},
    {"sasl.mechanism", "OAUTHBEARER"},
    {"socket.keepalive.enable", "true"}};

std::string_view word_of(const Options& options) { return options.text(kTokenOption.name); }

http::TokenFetch fetch_of_msk(const Options& options, const Clock& clock) {
  const std::string& region = options.text("region");
  aws::KeySource source = aws::first_keys(options, region, clock);
  if (options.is_given("role_arn")) {
    source = aws::role_keys(options.text("role_arn"), source, region, clock);
  }
  return [=, &clock](http::Client& client, const http::TokenDone& done) {
    source(client, [=, &clock](const Result<http::Fetched<aws::Keys>>& keys) {
      if (!keys) return done(pass_on(keys));
      // A token ends with the keys that have signed it.
      done(http::Fetched<std::string>{msk_token(region, keys->value, clock.wall_now()),
                                      std::min<Milliseconds>(kMskTokenLifetime, keys->lifetime)});
    });
  };
}

/// Event Hubs: the resource is the namespace, which is the broker.
std::string resource_of(const Options& options) {
  const std::string brokers = brokers_of(options);
  return "https://" + brokers.substr(0, brokers.find_first_of(":,"));
}

/// What librdkafka is told must fit what the component does.
void check_mechanism(const Options& options, Diagnostics& diagnostics) {
  const bool has_token = word_of(options) != "none";
  for (const std::string_view name : {"sasl.mechanism", "sasl.mechanisms"}) {
    const std::string_view mechanism = given_property(options, name);
    if (mechanism.empty() || has_token == (mechanism == "OAUTHBEARER")) continue;
    if (!has_token && !given_property(options, "enable.sasl.oauthbearer.unsecure.jwt").empty())
      continue;
    if (!has_token && mechanism != "OAUTHBEARER") continue;
    diagnostics.error(options.where(kPropertiesOption.name),
                      has_token ? fmt::format("'properties': '{}' and 'token' exclude each other "
                                              "but for OAUTHBEARER",
                                              name)
                                : "'properties': OAUTHBEARER needs 'token' as well");
  }
}

void check(const Options& options, Diagnostics& diagnostics) {
  const std::string_view word = word_of(options);
  const auto belongs = [&](std::initializer_list<std::string_view> names,
                           std::initializer_list<std::string_view> words) {
    if (std::ranges::find(words, word) != words.end()) return;
    for (const std::string_view name : names) {
      if (!options.is_given(name)) continue;
      diagnostics.error(options.where(name),
                        fmt::format("'{}' says nothing with 'token: {}'", name, word));
    }
  };
  const auto needs = [&](std::string_view name, std::string_view of) {
    if (word != of || options.is_given(name)) return;
    diagnostics.error(options.where(kTokenOption.name),
                      fmt::format("'token: {}' needs '{}'", word, name));
  };
  belongs({"token_url", "scope"}, {"oauth2"});
  belongs({"client_id"}, {"oauth2", "entra", "workload-identity", "managed-identity"});
  belongs({"client_secret"}, {"oauth2", "entra"});
  belongs({"tenant_id", "authority"}, {"entra", "workload-identity"});
  belongs({"region", "access_key_id", "secret_access_key", "session_token", "profile", "role_arn"},
          {"msk-iam"});
  if (word == "none") belongs({"sasl_extensions"}, {});
  for (const std::string_view name : {"token_url", "client_id", "client_secret"}) {
    needs(name, "oauth2");
  }
  needs("region", "msk-iam");
  check_needs(options, "access_key_id", "secret_access_key", diagnostics);
  check_needs(options, "secret_access_key", "access_key_id", diagnostics);
  check_needs(options, "session_token", "access_key_id", diagnostics);
  http::check_endpoint(options, "token_url", diagnostics);
  check_mechanism(options, diagnostics);
}

std::unique_ptr<http::TokenSource> tokens_of(const Options& options, const Clock& clock,
                                             Diagnostics& diagnostics) {
  const std::string_view word = word_of(options);
  if (word == "msk-iam") return http::make_token_source(fetch_of_msk(options, clock), clock);
  if (word == "oauth2") {
    return http::make_token_source(
        http::client_credentials(options.text("token_url"), options.text("client_id"),
                                 options.secret("client_secret"), options.text("scope")),
        clock);
  }
  return http::make_token_source(
      azure::entra_token_call(options, kTokenOption.name, resource_of(options), diagnostics),
      clock);
}

}  // namespace

std::span<const std::pair<std::string_view, std::string_view>> token_properties(
    const Options& options) {
  if (word_of(options) == "none") return {};
  return kTokenProperties;
}

std::shared_ptr<Login> make_login(const Options& options, const std::filesystem::path& directory,
                                  const Clock& clock, Diagnostics& diagnostics) {
  check(options, diagnostics);
  LoginSettings settings;
  settings.client = http::read_connection(options, directory, diagnostics);
  if (word_of(options) == "none") return nullptr;
  settings.tokens = tokens_of(options, clock, diagnostics);
  settings.extensions = options.map("sasl_extensions");
  return std::make_shared<Login>(std::move(settings), clock);
}

std::string msk_token(const std::string& region, const aws::Keys& keys, WallTime now) {
  const std::string url = aws::presigned(
      fmt::format("https://kafka.{}.amazonaws.com/?Action=kafka-cluster%3AConnect", region), keys,
      {.region = region, .service = "kafka-cluster"}, kMskTokenLifetime, now);
  return base64_url(url + "&User-Agent=copybridge");
}

}  // namespace copybridge::kafka
