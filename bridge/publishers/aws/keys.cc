// The authorizer of AWS.
#include "bridge/publishers/aws/keys.h"

#include <fmt/format.h>

#include "bridge/core/option_rules.h"
#include "bridge/http/refreshed.h"
#include "bridge/publishers/aws/key_sources.h"

namespace copybridge::publishers::aws {
namespace {

class AwsAuthorizer final : public http::Authorizer {
 public:
  AwsAuthorizer(KeySource source, Scope scope, const Clock& clock)
      : source_(std::move(source)),
        scope_(std::move(scope)),
        clock_(clock),
        keys_(clock, [this](const KeysDone& done) { source_(*client_, done); }) {}

  Result<void> open(http::Client& client) override {
    client_ = &client;
    return keys_.begin();
  }
  void authorize(http::Call call, Then then) override {
    keys_.get([this, call = std::move(call),
               then = std::move(then)](const Result<std::shared_ptr<const Keys>>& keys) mutable {
      if (!keys) return then(pass_on(keys));
      sign(call, **keys, scope_, clock_.wall_now());
      then(std::move(call));
    });
  }
  Result<bool> renew() override {
    keys_.drop();
    return true;
  }

 private:
  const KeySource source_;
  const Scope scope_;
  const Clock& clock_;
  http::Client* client_ = nullptr;
  http::Refreshed<Keys> keys_;
};

KeySource source_of(const Options& options, const std::string& region, const Clock& clock) {
  const std::string& word = options.text("credentials");
  if (word == "static") {
    return static_keys(options.text("access_key_id"), options.secret("secret_access_key"),
                       options.secret("session_token"));
  }
  if (word == "environment") return environment_keys();
  if (word == "web-identity") return web_identity_keys(region, clock);
  if (word == "profile") return profile_keys(options.text("profile"));
  if (word == "container") return container_keys(clock);
  if (word == "instance") return instance_keys(clock);
  return first_keys(options, region, clock);
}

void check(const Options& options, const std::string& region, Diagnostics& diagnostics) {
  const auto needs = [&](std::string_view name, std::string_view other) {
    check_needs(options, name, other, diagnostics);
  };
  needs("access_key_id", "secret_access_key");
  needs("secret_access_key", "access_key_id");
  needs("session_token", "access_key_id");
  if (options.text("credentials") == "static") needs("credentials", "access_key_id");
  if (region.empty()) {
    diagnostics.error(options.where("region"), "'region' is missing",
                      "give the region of the service, as eu-central-1");
  }
  if (options.is_given("endpoint")) {
    const Result<http::Url> url = http::parse_url(options.text("endpoint"));
    if (!url) diagnostics.error(options.where("endpoint"), "'endpoint': " + url.error().message);
  }
}

}  // namespace

std::unique_ptr<http::Authorizer> make_authorizer(const Options& options, Scope scope,
                                                  const Clock& clock, Diagnostics& diagnostics) {
  check(options, scope.region, diagnostics);
  if (diagnostics.has_errors()) return nullptr;
  KeySource source = source_of(options, scope.region, clock);
  if (options.is_given("role_arn")) {
    source = role_keys(options.text("role_arn"), source, scope.region, clock);
  }
  return std::make_unique<AwsAuthorizer>(std::move(source), std::move(scope), clock);
}

std::string endpoint_of(const Options& options, const std::string& region,
                        std::string_view service) {
  if (options.is_given("endpoint")) return options.text("endpoint");
  const std::string_view suffix = region.starts_with("cn-") ? ".cn" : "";
  return fmt::format("https://{}.{}.amazonaws.com{}/", service, region, suffix);
}

}  // namespace copybridge::publishers::aws
