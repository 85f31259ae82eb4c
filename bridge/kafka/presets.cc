// Tables of properties; the pages they are from stand beside them.
#include "bridge/kafka/presets.h"

#include <algorithm>
#include <array>
#include <string>

#include "bridge/kafka/login_options.h"

namespace copybridge::kafka {
namespace {

// learn.microsoft.com, Event Hubs: apache-kafka-configurations. Idle connections are closed after
// 240 s, and so is one whose request is larger than 1,046,528 bytes.
constexpr std::array kEventHubs = {
    Property{"security.protocol", "SASL_SSL"},      Property{"sasl.mechanism", "PLAIN"},
    Property{"sasl.username", "$ConnectionString"}, Property{"socket.keepalive.enable", "true"},
    Property{"metadata.max.age.ms", "180000"},      Property{"connections.max.idle.ms", "180000"},
    Property{"socket.timeout.ms", "60000"},         Property{"message.max.bytes", "1000000"}};

// docs.confluent.io, cloud: client configuration. Load balancers drop idle connections.
constexpr std::array kConfluentCloud = {
    Property{"security.protocol", "SASL_SSL"}, Property{"sasl.mechanism", "PLAIN"},
    Property{"socket.keepalive.enable", "true"}, Property{"metadata.max.age.ms", "180000"}};

// docs.aws.amazon.com, MSK: msk-password, msk-authentication.
constexpr std::array kMskScram = {Property{"security.protocol", "SASL_SSL"},
                                  Property{"sasl.mechanism", "SCRAM-SHA-512"},
                                  Property{"socket.keepalive.enable", "true"}};
constexpr std::array kMskTls = {Property{"security.protocol", "SSL"},
                                Property{"socket.keepalive.enable", "true"}};

/// What the user himself has to say, where no token says it.
std::span<const std::string_view> needed_by(std::string_view preset) {
  static constexpr std::array<std::string_view, 2> kLogin = {"sasl.username", "sasl.password"};
  static constexpr std::array<std::string_view, 2> kCertificate = {"ssl.certificate.location",
                                                                   "ssl.key.location"};
  if (preset == "event-hubs") return std::span(kLogin).last(1);
  if (preset == "confluent-cloud" || preset == "msk-scram") return kLogin;
  if (preset == "msk-tls") return kCertificate;
  return {};
}

}  // namespace

std::span<const Property> preset_properties(std::string_view preset) {
  if (preset == "event-hubs") return kEventHubs;
  if (preset == "confluent-cloud") return kConfluentCloud;
  if (preset == "msk-scram") return kMskScram;
  if (preset == "msk-tls") return kMskTls;
  return {};
}

Properties properties_of(const Options& options) {
  Properties properties;
  for (const auto& [name, value] : preset_properties(options.text(kPresetOption.name)))
    properties.emplace_back(name, value);
  for (const auto& [name, value] : token_properties(options)) properties.emplace_back(name, value);
  const auto& own = options.map(kPropertiesOption.name);
  properties.insert(properties.end(), own.begin(), own.end());
  return properties;
}

bool has_transactions(const Options& options) {
  return options.text(kPresetOption.name) != "event-hubs";
}

void check_preset(const Options& options, Diagnostics& diagnostics) {
  const std::string& preset = options.text(kPresetOption.name);
  if (preset == "none") return;
  const bool has_token = !token_properties(options).empty();
  for (const std::string_view name : needed_by(preset)) {
    if (has_token || !given_property(options, name).empty()) continue;
    diagnostics.error(options.where(kPresetOption.name),
                      "'preset: " + preset + "' needs '" + std::string(name) + "' in 'properties'");
  }
  if (preset != "event-hubs") return;
  for (const std::string_view name : {"compression.codec", "compression.type"}) {
    const std::string_view word = given_property(options, name);
    if (word.empty() || word == "none" || word == "gzip") continue;
    diagnostics.error(options.where(kPropertiesOption.name),
                      "'properties': Event Hubs takes no compression but gzip");
  }
}

}  // namespace copybridge::kafka
