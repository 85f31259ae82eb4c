// The table of a connection.
#include "bridge/transfer/options.h"

#include <array>

namespace copybridge::transfer {
namespace {

constexpr std::array kConnectionOptions = {
    OptionSpec{.name = "user",
               .type = OptionType::text,
               .help = "User name; it may be a reference as secrets are."},
    OptionSpec{.name = "password",
               .type = OptionType::secret,
               .help = "Password, pass phrase or pass ticket of the user."},
    OptionSpec{.name = "ca_bundle",
               .type = OptionType::text,
               .help = "PEM file of the authorities that may have signed the server's certificate; "
                       "otherwise the system's."},
    OptionSpec{.name = "client_certificate",
               .type = OptionType::text,
               .help = "PEM file of our certificate, where the server asks for one."},
    OptionSpec{.name = "client_key",
               .type = OptionType::text,
               .help = "PEM file of the private key, of client_certificate or, with sftp, of the "
                       "user."},
    OptionSpec{.name = "client_key_password",
               .type = OptionType::secret,
               .help = "Password of client_key."},
    OptionSpec{.name = "insecure",
               .type = OptionType::boolean,
               .default_value = "no",
               .help = "Whether to do without TLS where the URL has none, and without checking the "
                       "server's certificate or host key."},
    OptionSpec{.name = "connect_timeout_ms",
               .type = OptionType::integer,
               .default_value = "10000",
               .help = "How long connecting may take.",
               .min = 1,
               .max = 600'000},
    OptionSpec{.name = "stall_timeout_ms",
               .type = OptionType::integer,
               .default_value = "60000",
               .help = "After so long without a byte or a reply a transfer is given up and tried "
                       "again; it counts in whole seconds.",
               .min = 1000,
               .max = 3'600'000},
};

}  // namespace

std::span<const OptionSpec> connection_options() { return kConnectionOptions; }

std::vector<OptionSpec> joined(std::initializer_list<std::span<const OptionSpec>> tables) {
  std::vector<OptionSpec> all;
  for (const std::span<const OptionSpec> table : tables) {
    all.insert(all.end(), table.begin(), table.end());
  }
  return all;
}

Result<Credentials> Login::credentials() const {
  Credentials credentials;
  const auto read = [](const Secret& secret, std::string& value) -> Result<void> {
    if (secret.is_empty()) return {};
    Result<std::string> text = secret.resolve();
    if (!text) return fail(ErrorKind::peer_refused, text.error().message);
    value = std::move(*text);
    return {};
  };
  for (const Result<void>& done :
       {read(Secret(user), credentials.user), read(password, credentials.password),
        read(key_password, credentials.key_password)}) {
    if (!done) return pass_on(done);
  }
  return credentials;
}

Login read_login(const Options& options) {
  return {options.text("user"), options.secret("password"), options.secret("client_key_password")};
}

std::string file_from(const std::filesystem::path& directory, const std::string& name) {
  return name.empty() ? name : (directory / name).string();
}

Settings read_connection(const std::filesystem::path& directory, const Options& options) {
  Settings settings;
  settings.verify = !options.boolean("insecure");
  settings.ca_bundle = file_from(directory, options.text("ca_bundle"));
  settings.certificate = file_from(directory, options.text("client_certificate"));
  settings.key = file_from(directory, options.text("client_key"));
  settings.connect_timeout = Milliseconds(options.integer("connect_timeout_ms"));
  settings.stall_timeout = Milliseconds(options.integer("stall_timeout_ms"));
  return settings;
}

}  // namespace copybridge::transfer
