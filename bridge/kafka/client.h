// What the adapter and the publisher of Kafka share: a client's configuration and what it reports.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bridge/core/error.h"
#include "bridge/core/options.h"
#include "bridge/kafka/handles.h"
#include "bridge/kafka/login.h"

namespace copybridge::kafka {

/// Properties of librdkafka and their values; those of the user may be references to secrets.
using Properties = std::vector<std::pair<std::string, std::string>>;

/// What every component of Kafka is told alike; they stand in its option table.
inline constexpr OptionSpec kBrokersOption{
    .name = "brokers",
    .type = OptionType::text_list,
    .required = true,
    .help = "Brokers to begin with, as host:port, one or a list."};
inline constexpr OptionSpec kPropertiesOption{
    .name = "properties",
    .type = OptionType::text_map,
    .help =
        "Properties of librdkafka (security.protocol, sasl.*, ssl.*, …); passwords as "
        "${env:NAME} or ${file:PATH}."};

/// `host:port,host:port`.
[[nodiscard]] std::string brokers_of(const Options& options);

/// Checks those two: brokers there, and properties known, accepted, no secret in plain text and
/// none of `own`, which the component sets.
void check_client(const Options& options, std::span<const std::string_view> own,
                  Diagnostics& diagnostics);

/// What the bridge file says of a property, a reference where it is one; empty: nothing.
[[nodiscard]] std::string_view given_property(const Options& options, std::string_view name);

/// Why a property cannot be given in the bridge file; empty where it can.
[[nodiscard]] std::string mistake_of_property(const std::string& name, const std::string& value,
                                              std::span<const std::string_view> own);

/// Checks a name as topics and groups have them: up to `size_max` letters, digits, '.', '_', '-'.
void check_name(const Options& options, std::string_view option, std::size_t size_max,
                Diagnostics& diagnostics);
inline constexpr std::size_t kTopicNameMax = 249;

/// What a client reports on the thread that polls it.
class ClientReports {
 public:
  virtual ~ClientReports() = default;
  /// A problem that is not one message's. `is_fatal`: this client will not work any more.
  virtual void failed(rd_kafka_resp_err_t error, std::string_view text, bool is_fatal) = 0;
  /// A line for the log, from any thread.
  virtual void said(std::string_view text) = 0;

  Login* login = nullptr;  ///< of its client; set by make_client, as the next
  std::string interface;
};

/// The component's own properties. ErrorKind::config where librdkafka does not take one.
Result<void> set_own(rd_kafka_conf_t* conf, const Properties& values);
/// The user's; secrets are read now.
Result<void> set_properties(rd_kafka_conf_t* conf, const Properties& properties);

/// Makes a client that reports; it does not wait for the brokers. A callback's opaque is the
/// ClientReports. `login` gives it tokens; null: it logs in by its properties, or not at all.
/// `interface`: what connections go out from, a name or an address; empty: any.
[[nodiscard]] Result<ClientHandle> make_client(rd_kafka_type_t type, ConfHandle conf,
                                               ClientReports& reports, Login* login,
                                               const std::string& interface);

}  // namespace copybridge::kafka
