// The option table of connections.
#include "adapters/ibm_mq/connection_settings.h"

#include <array>
#include <string_view>

namespace copybridge::adapters::ibm_mq {
namespace {

constexpr std::size_t kNameBytes = 48;
constexpr std::size_t kChannelBytes = 20;
constexpr std::size_t kConnectionBytes = 264;
constexpr std::size_t kFileBytes = 256;
constexpr std::size_t kCipherBytes = 32;
constexpr std::size_t kLabelBytes = 64;
constexpr std::size_t kApplicationBytes = 28;

constexpr std::array kOptions = {
    OptionSpec{.name = "queue_manager",
               .help = "The queue manager's name; without it the default one. *GROUP takes any of "
                       "a group of the CCDT."},
    OptionSpec{.name = "connection",
               .type = OptionType::text_list,
               .help = "Where to connect as a client: HOST(PORT), or a list that is tried in its "
                       "order. Without it and without ccdt the library decides: MQSERVER and "
                       "mqclient.ini, or a local queue manager."},
    OptionSpec{.name = "channel", .help = "The server-connection channel; goes with connection."},
    OptionSpec{.name = "ccdt",
               .help = "URL of a client channel definition table (file:///…, https://…), in place "
                       "of connection and channel."},
    OptionSpec{.name = "user",
               .help = "The user id that the queue manager checks the password of."},
    OptionSpec{.name = "password", .type = OptionType::secret, .help = "The user's password."},
    OptionSpec{.name = "token",
               .type = OptionType::secret,
               .help = "A JSON web token, in place of user and password; read again for every "
                       "connection."},
    OptionSpec{.name = "tls_key_repository",
               .help = "The key repository of the client: a path as SSLKEYR has it, without or "
                       "with its suffix."},
    OptionSpec{.name = "tls_key_repository_password",
               .type = OptionType::secret,
               .help = "Its password, where no stash file has it."},
    OptionSpec{.name = "tls_cipher",
               .help = "The channel's CipherSpec, such as ANY_TLS12_OR_HIGHER; without it the "
                       "connection is not encrypted."},
    OptionSpec{.name = "tls_peer_name",
               .help = "What the queue manager's certificate must say, as SSLPEER has it."},
    OptionSpec{.name = "tls_certificate_label",
               .help = "The bridge's own certificate in the key repository."},
    OptionSpec{.name = "application_name",
               .default_value = "copybridge",
               .help = "What the queue manager shows as the connection's application (APPLTAG)."},
    OptionSpec{.name = "heartbeat_s",
               .type = OptionType::integer,
               .default_value = "30",
               .help = "Seconds after which a client connection that is silent is tested.",
               .max = 999'999},
    OptionSpec{.name = "library",
               .help = "The MQ client library libmqm_r.so, or its folder; without it the loader's "
                       "path, then /opt/mqm/lib64, /opt/mqm/lib64/compat and /opt/mqm/lib."},
};

std::string joined(const std::vector<std::string>& hosts) {
  std::string text;
  for (const std::string& host : hosts) text += (text.empty() ? "" : ",") + host;
  return text;
}

void check_together(const ConnectionSettings& settings, const Options& options,
                    Diagnostics& diagnostics) {
  const bool is_client = !settings.connection.empty();
  if (is_client != !settings.channel.empty()) {
    diagnostics.error(options.where(is_client ? "connection" : "channel"),
                      "'connection' and 'channel' go together");
  }
  if (!settings.ccdt.empty() && is_client) {
    diagnostics.error(options.where("ccdt"), "'ccdt' and 'connection' exclude each other");
  }
  if (!settings.user.empty() && settings.password.is_empty()) {
    diagnostics.error(options.where("user"), "'user' needs 'password'",
                      "without both the process's own user is sent");
  }
  if (!settings.token.is_empty() && !settings.user.empty()) {
    diagnostics.error(options.where("token"), "'token' and 'user' exclude each other");
  }
  for (const std::string_view name : {"tls_cipher", "tls_peer_name"}) {
    if (is_client || !options.is_given(name)) continue;
    diagnostics.error(options.where(name), "'" + std::string(name) + "' needs 'connection'",
                      "a CCDT has its own");
  }
  for (const std::string_view name : {"tls_peer_name", "tls_certificate_label"}) {
    const bool has_tls = !settings.cipher.empty() || !is_client;
    if (has_tls || !options.is_given(name)) continue;
    diagnostics.error(options.where(name), "'" + std::string(name) + "' needs 'tls_cipher'");
  }
}

}  // namespace

void check_length(const Options& options, std::string_view name, std::size_t bytes_max,
                  Diagnostics& diagnostics) {
  if (options.text(name).size() <= bytes_max) return;
  diagnostics.error(options.where(name), "'" + std::string(name) + "' has at most " +
                                             std::to_string(bytes_max) + " characters");
}

std::span<const OptionSpec> connection_options() { return kOptions; }

std::vector<OptionSpec> with_connection(std::span<const OptionSpec> component) {
  std::vector<OptionSpec> all(component.begin(), component.end());
  all.insert(all.end(), kOptions.begin(), kOptions.end());
  return all;
}

ConnectionSettings read_connection(const std::filesystem::path& directory, const Options& options,
                                   Diagnostics& diagnostics) {
  ConnectionSettings settings;
  settings.queue_manager = options.text("queue_manager");
  settings.connection = joined(options.list("connection"));
  settings.channel = options.text("channel");
  settings.ccdt = options.text("ccdt");
  settings.user = options.text("user");
  settings.password = options.secret("password");
  settings.token = options.secret("token");
  settings.key_repository = options.text("tls_key_repository");
  settings.key_repository_password = options.secret("tls_key_repository_password");
  settings.cipher = options.text("tls_cipher");
  settings.peer_name = options.text("tls_peer_name");
  settings.certificate_label = options.text("tls_certificate_label");
  settings.application_name = options.text("application_name");
  settings.heartbeat_s = static_cast<std::int32_t>(options.integer("heartbeat_s"));
  settings.library = options.text("library");
  // A name with a slash is a path from the bridge file's folder.
  if (settings.library.find('/') != std::string::npos) {
    settings.library = (directory / settings.library).native();
  }
  check_length(options, "queue_manager", kNameBytes, diagnostics);
  check_length(options, "channel", kChannelBytes, diagnostics);
  check_length(options, "tls_key_repository", kFileBytes, diagnostics);
  check_length(options, "tls_cipher", kCipherBytes, diagnostics);
  check_length(options, "tls_certificate_label", kLabelBytes, diagnostics);
  check_length(options, "application_name", kApplicationBytes, diagnostics);
  if (settings.connection.size() > kConnectionBytes) {
    diagnostics.error(options.where("connection"), "'connection' has at most 264 characters",
                      "use a CCDT for longer lists");
  }
  check_together(settings, options, diagnostics);
  return settings;
}

}  // namespace copybridge::adapters::ibm_mq
