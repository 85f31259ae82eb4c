// Commands of RFC 959 and of z/OS, quoting for SFTP as libcurl reads it.
#include "bridge/transfer/ftp.h"

#include <algorithm>
#include <array>

#include "bridge/core/percent.h"

namespace copybridge::transfer {
namespace {

constexpr std::array kFtpOptions = {
    OptionSpec{.name = "url",
               .type = OptionType::text,
               .required = true,
               .help =
                   "The server: ftp://HOST (TLS by AUTH TLS is required), ftps://HOST (TLS from "
                   "the start) or sftp://HOST, with :PORT where it is another one."},
    OptionSpec{.name = "known_hosts",
               .type = OptionType::text,
               .help = "File of SSH host keys as OpenSSH writes it, for sftp."},
    OptionSpec{.name = "host_key_sha256",
               .type = OptionType::text,
               .help = "SHA-256 of the server's SSH host key in Base64, in place of known_hosts."},
    OptionSpec{.name = "data_type",
               .type = OptionType::choice,
               .default_value = "binary",
               .help = "How FTP transfers bytes: as they are (TYPE I), as EBCDIC (TYPE E) or as "
                       "text of this side (TYPE A).",
               .choices = "binary|ebcdic|text"},
    OptionSpec{.name = "mode",
               .type = OptionType::choice,
               .default_value = "stream",
               .help = "FTP's MODE: block keeps the ends of records and goes with recfm ftp-block "
                       "and data_type ebcdic.",
               .choices = "stream|block"},
    OptionSpec{.name = "site",
               .type = OptionType::text_list,
               .help = "Words for FTP's SITE command before each transfer, such as RDW, "
                       "SBDATACONN=(IBM-1047,UTF-8) or LRECL=300; a server that does not know one "
                       "is refused."},
};

std::string quoted(const std::string& name) {
  std::string text = "\"";
  for (const char character : name) {
    if (character == '"' || character == '\\') text += '\\';
    text += character;
  }
  return text + '"';
}

bool has_word(std::string_view text, std::string_view word) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  // Not std::ranges::search: clang 14 cannot compile the library's.
  const auto same = [&](char left, char right) { return lower(left) == lower(right); };
  return std::search(text.begin(), text.end(), word.begin(), word.end(), same) != text.end();
}

std::string strip_slash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

void check_url(const FtpServer& server, const Options& options, Diagnostics& diagnostics) {
  const std::string_view url = server.origin;
  const std::size_t begin = url.find("://");
  const std::string_view scheme = url.substr(0, begin);
  const std::string_view host = begin == std::string_view::npos ? "" : url.substr(begin + 3);
  if ((scheme != "ftp" && scheme != "ftps" && scheme != "sftp") || host.empty() ||
      host.find_first_of("/@?# ") != std::string_view::npos || !is_sendable(url)) {
    diagnostics.error(options.where("url"),
                      "'url' must be ftp://HOST, ftps://HOST or sftp://HOST, without user or path");
  }
}

void check_security(const FtpServer& server, const Options& options, Diagnostics& diagnostics) {
  const bool has_host_key = options.is_given("known_hosts") || options.is_given("host_key_sha256");
  if (server.is_sftp && !has_host_key && server.settings.verify) {
    diagnostics.error(options.where("url"), "sftp needs 'known_hosts' or 'host_key_sha256'",
                      "ssh-keyscan HOST writes the first");
  }
  if (!server.is_sftp && has_host_key) {
    diagnostics.error(options.where("url"), "'known_hosts' and 'host_key_sha256' are for sftp");
  }
  if (!server.is_sftp && options.is_given("client_key") &&
      !options.is_given("client_certificate")) {
    diagnostics.error(options.where("client_key"), "'client_key' needs 'client_certificate'");
  }
  for (const std::string_view name : {"site", "mode", "data_type"}) {
    if (!server.is_sftp || !options.is_given(name)) continue;
    diagnostics.error(options.where(name), "'" + std::string(name) + "' is FTP's, not SFTP's");
  }
}

DataType type_of(std::string_view text) {
  if (text == "ebcdic") return DataType::ebcdic;
  return text == "text" ? DataType::text : DataType::binary;
}

}  // namespace

std::span<const OptionSpec> ftp_options() { return kFtpOptions; }

FtpServer read_ftp(const std::filesystem::path& directory, const Options& options,
                   Diagnostics& diagnostics) {
  FtpServer server;
  server.origin = strip_slash(options.text("url"));
  server.is_sftp = server.origin.starts_with("sftp:");
  server.type = type_of(options.text("data_type"));
  server.is_block_mode = options.text("mode") == "block";
  server.site = options.list("site");
  server.login = read_login(options);
  server.settings = read_connection(directory, options);
  server.settings.protocols = "ftp,ftps,sftp";
  server.settings.needs_tls = server.settings.verify;
  if (server.settings.verify) {
    server.settings.known_hosts = file_from(directory, options.text("known_hosts"));
    server.settings.host_key = options.text("host_key_sha256");
  }
  check_url(server, options, diagnostics);
  check_security(server, options, diagnostics);
  for (const std::string& word : server.site) {
    if (is_sendable(word) && !word.empty()) continue;
    diagnostics.error(options.where("site"), "'site' has a word that cannot be sent");
  }
  return server;
}

std::string FtpServer::url_of(const std::string& name) const {
  if (is_sftp) {
    const std::string path = name.starts_with('/') ? name : "/~/" + name;
    return origin + percent_encoded(path, "/");
  }
  // Behind the host's slash; an absolute path begins with its own.
  return origin + "/" + percent_encoded(name, "/");
}

std::vector<std::string> FtpServer::site_commands() const {
  std::vector<std::string> commands;
  commands.reserve(site.size());
  for (const std::string& word : site) commands.push_back("SITE " + word);
  return commands;
}

std::vector<std::string> FtpServer::mode_commands() const {
  std::vector<std::string> commands;
  if (type == DataType::ebcdic) commands.emplace_back("TYPE E");
  if (is_block_mode) commands.emplace_back("MODE B");
  return commands;
}

std::vector<std::string> FtpServer::plain_commands() const {
  std::vector<std::string> commands;
  if (is_block_mode) commands.emplace_back("MODE S");
  // libcurl believes that this is what it has set.
  if (type == DataType::ebcdic) commands.emplace_back("TYPE I");
  return commands;
}

std::vector<std::string> FtpServer::rename_commands(const std::string& from,
                                                    const std::string& to) const {
  if (is_sftp) return {"rename " + quoted(from) + " " + quoted(to)};
  return {"RNFR " + from, "RNTO " + to};
}

std::vector<std::string> FtpServer::remove_commands(const std::string& name) const {
  if (is_sftp) return {"rm " + quoted(name)};
  return {"DELE " + name};
}

bool is_data_set(std::string_view name) {
  return name.size() > 2 && name.starts_with('\'') && name.ends_with('\'');
}

bool is_sendable(std::string_view name) {
  return std::ranges::none_of(name, [](char character) {
    return static_cast<unsigned char>(character) < 0x20 || character == 0x7F;
  });
}

std::string_view unknown_site_word(const Answer& answer) {
  for (const std::string& line : answer.lines) {
    const bool is_reply = line.starts_with("200") || line.starts_with("5");
    if (is_reply && has_word(line, "unrecognized")) return line;
  }
  return {};
}

}  // namespace copybridge::transfer
