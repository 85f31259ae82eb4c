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

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

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

/// What is signed of a request, each part in its canonical form.
struct Canonical {
  std::string_view method;
  std::string path;
  std::string query;
  std::string lines;  ///< of the signed headers
  std::string names;
  std::string payload;  ///< its hash
};

std::string time_text(WallTime now) {
  return fmt::format("{:%Y%m%dT%H%M%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(now)));
}

/// `20260101/eu-central-1/sqs/aws4_request`.
std::string range_of(const std::string& time, const Scope& scope) {
  return fmt::format("{}/{}/{}/aws4_request", time.substr(0, 8), scope.region, scope.service);
}

std::string signature_of(const Canonical& parts, const Keys& keys, const Scope& scope,
                         const std::string& time) {
  const std::string request = fmt::format("{}\n{}\n{}\n{}\n{}\n{}", parts.method, parts.path,
                                          parts.query, parts.lines, parts.names, parts.payload);
  const std::string text =
      fmt::format("{}\n{}\n{}\n{}", kAlgorithm, time, range_of(time, scope), hex(sha256(request)));
  return hex(hmac_sha256(signing_key(keys, time.substr(0, 8), scope), text));
}

}  // namespace

void sign(http::Call& call, const Keys& keys, const Scope& scope, WallTime now) {
  const Result<http::Url> url = http::parse_url(call.url);
  if (!url) return;  // It cannot be sent either; libcurl says why.
  const std::string time = time_text(now);
  const std::string payload = hex(sha256(http::body_of(call)));
  call.headers.push_back("X-Amz-Date: " + time);
  if (!keys.session_token.empty()) {
    call.headers.push_back("X-Amz-Security-Token: " + keys.session_token);
  }
  if (scope.service == "s3") call.headers.push_back("X-Amz-Content-Sha256: " + payload);

  Canonical parts{.method = call.method,
                  .path = canonical_path(*url, scope.service),
                  .query = sorted_query(url->query),
                  .lines = {},
                  .names = {},
                  .payload = payload};
  for (const auto& [name, value] : signed_headers(call, *url)) {
    parts.names += (parts.names.empty() ? "" : ";") + name;
    parts.lines.append(name).append(":").append(value).append("\n");
  }
  call.headers.push_back(fmt::format(
      "Authorization: {} Credential={}/{}, SignedHeaders={}, Signature={}", kAlgorithm, keys.id,
      range_of(time, scope), parts.names, signature_of(parts, keys, scope, time)));
}

std::string presigned(const std::string& url, const Keys& keys, const Scope& scope,
                      std::chrono::seconds lifetime, WallTime now) {
  const std::string time = time_text(now);
  std::string whole =
      fmt::format("{}{}X-Amz-Algorithm={}&X-Amz-Credential={}&X-Amz-Date={}&X-Amz-Expires={}", url,
                  url.find('?') == std::string::npos ? '?' : '&', kAlgorithm,
                  percent_encoded(keys.id + "/" + range_of(time, scope)), time, lifetime.count());
  if (!keys.session_token.empty()) {
    whole += "&X-Amz-Security-Token=" + percent_encoded(keys.session_token);
  }
  whole += "&X-Amz-SignedHeaders=host";
  const Result<http::Url> parsed = http::parse_url(whole);
  if (!parsed) return {};  // No URL can be made of it.
  const Canonical parts{.method = "GET",
                        .path = canonical_path(*parsed, scope.service),
                        .query = sorted_query(parsed->query),
                        .lines = "host:" + host_of(*parsed) + "\n",
                        .names = "host",
                        .payload = hex(sha256(""))};
  return whole + "&X-Amz-Signature=" + signature_of(parts, keys, scope, time);
}

}  // namespace copybridge::publishers::aws
