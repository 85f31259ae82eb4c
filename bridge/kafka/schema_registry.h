// A schema registry, which gives schemas numbers that messages begin with.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "bridge/core/options.h"
#include "bridge/http/client.h"
#include "bridge/http/credentials.h"

namespace copybridge::kafka {

/// Stands in the table of the publisher.
inline constexpr OptionSpec kRegistryOptions[] = {
    {.name = "schema_registry",
     .type = OptionType::text,
     .help = "URL of a schema registry: every message begins with the number that the registry has "
             "for the schema of the route's mapping."},
    {.name = "schema_format",
     .type = OptionType::choice,
     .default_value = "json-schema",
     .help = "json-schema: the schema is JSON Schema, and messages are JSON; avro: both are Avro.",
     .choices = "json-schema|avro"},
    {.name = "schema_namespace",
     .type = OptionType::text,
     .help = "Namespace of an Avro schema's records."},
    {.name = "schema_registry_user",
     .type = OptionType::text,
     .help = "User name at the registry; of Confluent Cloud an API key."},
    {.name = "schema_registry_password",
     .type = OptionType::secret,
     .help = "Password at the registry; read again when it refuses."},
    {.name = "schema_subject",
     .type = OptionType::text,
     .help = "Subject of the schema; without it the topic and -value."},
    {.name = "schema_register",
     .type = OptionType::boolean,
     .default_value = "yes",
     .help = "yes: a schema that the subject has not is registered; no: it is only looked up."}};

inline constexpr std::size_t kPrefixSize = 5;

/// Used by one thread but for close().
class SchemaRegistry {
 public:
  struct Settings {
    http::ClientSettings client;
    http::CredentialSource::References credentials;  ///< their URL is the registry's
    std::string subject;
    std::string schema;
    bool is_avro = false;  ///< else JSON Schema
    bool registers = true;
  };

  explicit SchemaRegistry(Settings settings);

  /// ErrorKind::config: a secret is not there.
  [[nodiscard]] Result<void> open();
  /// What a message of the schema begins with: a zero and the schema's number, big-endian. Asked
  /// for once; waits for the registry. ErrorKind::peer_away: it does not answer; peer_refused: it
  /// does not take the schema, or not us.
  [[nodiscard]] Result<std::string> prefix();
  /// Ends a wait, and answers nothing any more that has to be asked for.
  void close();

 private:
  [[nodiscard]] http::Call call() const;
  [[nodiscard]] Result<std::uint32_t> read(const http::Answer& answer) const;

  const Settings settings_;
  http::CredentialSource credentials_;
  http::Client client_;
  std::mutex mutex_;  ///< a call begins, or none does any more
  bool is_closed_ = false;
  std::string prefix_;
  bool was_refused_ = false;
};

/// Whether the options ask for messages in Avro.
[[nodiscard]] bool wants_avro(const Options& options);

/// The registry that the options ask for, of which http::kConnectionOptions are those of its HTTP,
/// as of a login's; null: none. Mistakes go to `diagnostics`.
[[nodiscard]] std::shared_ptr<SchemaRegistry> make_registry(const Options& options,
                                                            const std::filesystem::path& directory,
                                                            const std::string& schema,
                                                            Diagnostics& diagnostics);

}  // namespace copybridge::kafka
