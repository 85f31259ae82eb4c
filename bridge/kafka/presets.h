// What services that speak Kafka's protocol ask of a client, under one word each.
#pragma once

#include <span>
#include <string_view>
#include <utility>

#include "bridge/core/options.h"
#include "bridge/kafka/client.h"

namespace copybridge::kafka {

/// Stands in the table of every component of Kafka.
inline constexpr OptionSpec kPresetOption{
    .name = "preset",
    .type = OptionType::choice,
    .default_value = "none",
    .help =
        "Sets the properties that a service needs (docs/kafka.md lists them): Azure Event Hubs "
        "with a connection string as sasl.password, Confluent Cloud with an API key and its "
        "secret as sasl.username and sasl.password, Amazon MSK with SCRAM or with client "
        "certificates. What stands in properties outranks it.",
    .choices = "none|event-hubs|confluent-cloud|msk-scram|msk-tls"};

using Property = std::pair<std::string_view, std::string_view>;

/// The properties that the word stands for.
[[nodiscard]] std::span<const Property> preset_properties(std::string_view preset);

/// Those of the preset, of the login by tokens, then the user's, which outrank them.
[[nodiscard]] Properties properties_of(const Options& options);

/// Whether the service has transactions.
[[nodiscard]] bool has_transactions(const Options& options);

/// Checks that the user has given what a preset leaves to him, and nothing that the service
/// refuses.
void check_preset(const Options& options, Diagnostics& diagnostics);

}  // namespace copybridge::kafka
