// Resolving and renewing of an HTTP endpoint's secrets.
#include "bridge/http/credentials.h"

#include <algorithm>

namespace copybridge::http {
namespace {

bool has_control(const std::string& text) {
  return std::ranges::any_of(text, [](char character) {
    const auto byte = static_cast<unsigned char>(character);
    return byte < 0x20 || byte == 0x7F;
  });
}

Result<std::string> header_line(const std::string& name, const std::string& value) {
  if (has_control(value)) {
    return fail(ErrorKind::config, "http: the value of header " + name +
                                       " holds a line end or another control character");
  }
  // libcurl's way of writing a header without a value.
  return value.empty() ? name + ";" : name + ": " + value;
}

bool has_credentials(const CredentialSource::References& references) {
  const auto is_secret = [](const auto& header) { return Secret::is_reference(header.second); };
  return references.has_token || !references.bearer.is_empty() || !references.password.is_empty() ||
         std::ranges::any_of(references.headers, is_secret);
}

bool is_same(const Credentials& left, const Credentials& right) {
  return left.url == right.url && left.headers == right.headers && left.user == right.user &&
         left.password == right.password;
}

}  // namespace

Result<Url> check_url(const std::string& url, const CredentialSource::References& references) {
  Result<Url> parsed = parse_url(url);
  if (!parsed) return parsed;
  if (parsed->has_user) {
    return fail(ErrorKind::config, "http: user and password must not stand in the URL");
  }
  const bool is_clear = parsed->scheme == "http" && !parsed->is_loopback();
  if (is_clear && has_credentials(references) && !references.insecure) {
    return fail(ErrorKind::config,
                "http: credentials would cross the network in the clear; use https");
  }
  return parsed;
}

Result<void> CredentialSource::resolve_headers(Credentials& credentials) const {
  for (const auto& [name, reference] : references_.headers) {
    const Result<std::string> value = Secret(reference).resolve();
    if (!value) return pass_on(value);
    const Result<std::string> line = header_line(name, *value);
    if (!line) return pass_on(line);
    credentials.headers.push_back(*line);
  }
  if (references_.bearer.is_empty()) return {};
  const Result<std::string> token = references_.bearer.resolve();
  if (!token) return pass_on(token);
  const Result<std::string> line = header_line("Authorization", "Bearer " + *token);
  if (!line) return pass_on(line);
  credentials.headers.push_back(*line);
  return {};
}

Result<Credentials> CredentialSource::resolve() const {
  Credentials credentials;
  const Result<std::string> url = Secret(references_.url).resolve();
  if (!url) return pass_on(url);
  const Result<Url> parsed = check_url(*url, references_);
  if (!parsed) return pass_on(parsed);
  credentials.url = *url;
  const bool is_secret = Secret::is_reference(references_.url);
  credentials.label = parsed->origin + (is_secret ? "" : parsed->path);
  if (auto headers = resolve_headers(credentials); !headers) return pass_on(headers);
  credentials.user = references_.user;
  const Result<std::string> password = references_.password.resolve();
  if (!password) return pass_on(password);
  credentials.password = *password;
  return credentials;
}

Result<void> CredentialSource::load() {
  Result<Credentials> resolved = resolve();
  if (!resolved) return pass_on(resolved);
  auto next = std::make_shared<const Credentials>(std::move(*resolved));
  const std::scoped_lock lock(mutex_);
  current_ = std::move(next);
  return {};
}

std::shared_ptr<const Credentials> CredentialSource::current() const {
  const std::scoped_lock lock(mutex_);
  return current_;
}

Result<void> CredentialSource::open(Client&) { return load(); }

void CredentialSource::authorize(Call call, Then then) {
  const std::shared_ptr<const Credentials> credentials = current();
  if (call.url.empty()) call.url = credentials->url;
  call.label = credentials->label;
  call.headers.insert(call.headers.end(), credentials->headers.begin(), credentials->headers.end());
  call.user = credentials->user;
  call.password = credentials->password;
  then(std::move(call));
}

Result<bool> CredentialSource::renew() {
  const std::shared_ptr<const Credentials> before = current();
  if (auto loaded = load(); !loaded) return pass_on(loaded);
  return !is_same(*current(), *before);
}

}  // namespace copybridge::http
