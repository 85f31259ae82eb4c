// Where to connect, and names that stand in statements.
#include <algorithm>
#include <cctype>

#include "bridge/odbc/connection.h"

namespace copybridge::odbc {
namespace {

constexpr OptionSpec kOptions[] = {
    {.name = "connection",
     .required = true,
     .help = "Where the database is, as its ODBC driver has it: DSN=NAME of odbc.ini, or "
             "Driver=…;Servername=…;Database=…; without user and password."},
    {.name = "user", .help = "The database's user."},
    {.name = "password", .type = OptionType::secret, .help = "The user's password."},
    {.name = "timeout_s",
     .type = OptionType::integer,
     .default_value = "30",
     .help = "Seconds that connecting, and each statement, may take.",
     .min = 1,
     .max = 3600},
};

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

bool is_plain(std::string_view part) {
  const auto is_letter = [](unsigned char c) { return std::isalpha(c) != 0 || c == '_'; };
  return !part.empty() && is_letter(static_cast<unsigned char>(part.front())) &&
         std::ranges::all_of(part, [&](unsigned char c) {
           return is_letter(c) || std::isdigit(c) != 0 || c == '$' || c == '#' || c == '@';
         });
}

bool is_quoted(std::string_view part) {
  if (part.size() < 3 || part.front() != '"' || part.back() != '"') return false;
  const std::string_view inside = part.substr(1, part.size() - 2);
  return std::ranges::none_of(inside, [](unsigned char c) { return c == '"' || c < 0x20; });
}

}  // namespace

bool is_name(std::string_view name) {
  // A dot within quotes is no separator.
  while (!name.empty()) {
    const bool has_quotes = name.front() == '"';
    const std::size_t end = has_quotes ? name.find('"', 1) : name.find('.');
    const std::size_t size = has_quotes && end != std::string_view::npos ? end + 1 : end;
    const std::string_view part = name.substr(0, size);
    if (!is_plain(part) && !is_quoted(part)) return false;
    name.remove_prefix(part.size());
    if (name.empty()) return true;
    if (name.front() != '.') return false;
    name.remove_prefix(1);
  }
  return false;
}

std::span<const OptionSpec> connection_options() { return kOptions; }

ConnectionSettings read_connection(const Options& options, Diagnostics& diagnostics) {
  ConnectionSettings settings;
  settings.connection = options.text("connection");
  settings.user = options.text("user");
  settings.password = options.secret("password");
  settings.timeout_s = options.integer("timeout_s");
  const std::string words = upper(settings.connection);
  if (words.find("PWD=") != std::string::npos || words.find("PASSWORD=") != std::string::npos) {
    diagnostics.error(options.where("connection"), "'connection' holds a password",
                      "write 'password: ${file:PATH}' or '${env:NAME}'");
  }
  if (!settings.password.is_empty() && settings.user.empty())
    diagnostics.error(options.where("password"), "'password' needs 'user'");
  return settings;
}

bool check_name(const Options& options, std::string_view option, Diagnostics& diagnostics) {
  const std::string& name = options.text(option);
  if (name.empty() || is_name(name)) return true;
  diagnostics.error(options.where(option), "'" + std::string(option) + "' is no name of SQL",
                    "letters, digits and _ $ # @, or anything within double quotes; dots between");
  return false;
}

}  // namespace copybridge::odbc
