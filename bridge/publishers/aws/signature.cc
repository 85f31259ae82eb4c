// Canonical request, string to sign, key of the day.
#include "bridge/publishers/aws/signature.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "bridge/core/digest.h"
#include "bridge/core/letters.h"
#include "bridge/core/percent.h"

namespace copybridge::publishers::aws {
namespace {

/// By name in lower case, which is the order that is signed.
using Headers = std::map<std::string, std::string>;

std::string trimmed(std::string_view text) {
  std::string value;
  for (const char character : text) {
    const bool is_blank = character == ' ' || character == '\t';
    if (is_blank && (value.empty() || value.back() == ' ')) continue;
    value += is_blank ? ' ' : character;
  }
  if (value.ends_with(' ')) value.pop_back();
  return value;
}

/// As the client will send it: without the port that goes without saying.
std::string host_of(const http::Url& url) {
  std::string host = url.origin.substr(url.scheme.size() + 3);
  const std::string_view usual = url.scheme == "https" ? ":443" : ":80";
  if (host.ends_with(usual)) host.resize(host.size() - usual.size());
  return host;
}

Headers signed_headers(const http::Call& call, const http::Url& url) {
  Headers headers{{"host", host_of(url)}};
  for (const std::string& line : call.headers) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    headers[in_small_letters(line.substr(0, colon))] =
        trimmed(std::string_view(line).substr(colon + 1));
  }
  return headers;
}

std::string sorted_query(std::string_view query) {
  std::vector<std::string> parameters;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    std::string parameter(query.substr(0, end));
    if (parameter.find('=') == std::string::npos) parameter += '=';
    parameters.push_back(std::move(parameter));
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  std::ranges::sort(parameters);
  return fmt::format("{}", fmt::join(parameters, "&"));
}

/// All services but S3 sign the path as encoded once more.
std::string canonical_path(const http::Url& url, const std::string& service) {
  if (url.path.empty()) return "/";
  return service == "s3" ? url.path : percent_encoded(url.path, "/");
}

std::string signing_key(const Keys& keys, std::string_view day, const Scope& scope) {
  const std::string of_day = hmac_sha256("AWS4" + keys.secret, day);
  const std::string of_region = hmac_sha256(of_day, scope.region);
  return hmac_sha256(hmac_sha256(of_region, scope.service), "aws4_request");
}

}  // namespace

void sign(http::Call& call, const Keys& keys, const Scope& scope, WallTime now) {
  const Result<http::Url> url = http::parse_url(call.url);
  if (!url) return;  // It cannot be sent either; libcurl says why.
  const std::string time =
      fmt::format("{:%Y%m%dT%H%M%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(now)));
  const std::string payload = hex(sha256(http::body_of(call)));
  call.headers.push_back("X-Amz-Date: " + time);
  if (!keys.session_token.empty()) {
    call.headers.push_back("X-Amz-Security-Token: " + keys.session_token);
  }
  if (scope.service == "s3") call.headers.push_back("X-Amz-Content-Sha256: " + payload);

  std::string names;
  std::string lines;
  for (const auto& [name, value] : signed_headers(call, *url)) {
    names += (names.empty() ? "" : ";") + name;
    lines.append(name).append(":").append(value).append("\n");
  }
  const std::string request =
      fmt::format("{}\n{}\n{}\n{}\n{}\n{}", call.method, canonical_path(*url, scope.service),
                  sorted_query(url->query), lines, names, payload);
  const std::string day = time.substr(0, 8);
  const std::string range = fmt::format("{}/{}/{}/aws4_request", day, scope.region, scope.service);
  const std::string text =
      fmt::format("AWS4-HMAC-SHA256\n{}\n{}\n{}", time, range, hex(sha256(request)));
  call.headers.push_back(
      fmt::format("Authorization: AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={}, "
                  "Signature={}",
                  keys.id, range, names, hex(hmac_sha256(signing_key(keys, day, scope), text))));
}

}  // namespace copybridge::publishers::aws
