// Error codes of AWS: https://docs.aws.amazon.com, "Common errors" of each service's API reference.
#include "bridge/publishers/aws/answers.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <optional>

#include "bridge/http/json.h"
#include "bridge/publishers/aws/xml.h"
#include "bridge/publishers/http_endpoint.h"

namespace copybridge::publishers::aws {
namespace {

/// Beginnings of codes.
constexpr std::array<std::string_view, 9> kThrottled = {
    "Throttl",       "RequestThrottled", "ProvisionedThroughputExceeded",
    "SlowDown",      "TooManyRequests",  "LimitExceeded",
    "KMSThrottling", "KmsThrottled",     "RequestLimitExceeded"};
constexpr std::array<std::string_view, 6> kRetry = {"InternalFailure",     "InternalError",
                                                    "InternalServerError", "ServiceUnavailable",
                                                    "RequestTimeout",      "InternalException"};
constexpr std::array<std::string_view, 23> kRefused = {"AccessDenied",
                                                       "AuthorizationError",
                                                       "AuthFailure",
                                                       "InvalidClientTokenId",
                                                       "UnrecognizedClient",
                                                       "ExpiredToken",
                                                       "SignatureDoesNotMatch",
                                                       "IncompleteSignature",
                                                       "MissingAuthenticationToken",
                                                       "InvalidSignature",
                                                       "RequestTimeTooSkewed",
                                                       "RequestExpired",
                                                       "InvalidAccessKeyId",
                                                       "InvalidToken",
                                                       "OptInRequired",
                                                       "NotAuthorized",
                                                       "QueueDoesNotExist",
                                                       "NonExistentQueue",
                                                       "AWS.SimpleQueueService.NonExistentQueue",
                                                       "ResourceNotFound",
                                                       "NotFound",
                                                       "NoSuchBucket",
                                                       "KMS"};

/// Of an entry's own: no other attempt helps.
constexpr std::array<std::string_view, 4> kPermanent = {
    "InvalidArgument", "MalformedDetail", "InvalidMessageContents", "InvalidParameter"};

template <std::size_t N>
bool begins_with_one(std::string_view code, const std::array<std::string_view, N>& beginnings) {
  return std::ranges::any_of(beginnings,
                             [&](std::string_view text) { return code.starts_with(text); });
}

std::optional<Outcome> known(std::string_view code) {
  if (begins_with_one(code, kThrottled)) return Outcome::throttled;
  if (begins_with_one(code, kRetry)) return Outcome::retry;
  if (begins_with_one(code, kRefused)) return Outcome::refused;
  return std::nullopt;
}

std::string header(const http::Answer& answer, std::string_view name) {
  for (const auto& [key, value] : answer.headers) {
    if (key == name) return value;
  }
  return "";
}

/// `com.amazonaws.sqs#QueueDoesNotExist`, or `Code:http://…`.
std::string bare(std::string code) {
  code = code.substr(0, code.find(':'));
  const std::size_t hash = code.rfind('#');
  return hash == std::string::npos ? code : code.substr(hash + 1);
}

}  // namespace

std::string error_word(std::string_view code) {
  std::string word(code.substr(0, 80));
  std::erase_if(word, [](char letter) {
    return !((letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z') ||
             (letter >= '0' && letter <= '9') || letter == '.' || letter == '_');
  });
  return word;
}

std::string error_code(const http::Answer& answer) {
  std::string code = bare(header(answer, "x-amzn-errortype"));
  if (code.empty()) code = bare(http::json_text(answer.body, "/__type").value_or(""));
  if (code.empty()) code = xml_element(answer.body, "Code");
  return error_word(code);
}

Outcome outcome_of_entry(std::string_view code, bool is_sender_fault) {
  const bool is_own_fault = is_sender_fault || begins_with_one(code, kPermanent);
  return known(code).value_or(is_own_fault ? Outcome::permanent : Outcome::retry);
}

Response read_results(const http::Answer& answer, const std::string& list, std::size_t events) {
  Response response;
  response.outcomes.assign(events, Outcome::retry);
  response.reason = "the answer does not have a result for every event";
  simdjson::dom::parser parser;
  simdjson::dom::array results;
  if (parser.parse(answer.body)[list].get(results) != simdjson::SUCCESS) return response;
  if (results.size() != events) return response;
  response.reason.clear();
  std::size_t next = 0;
  for (const simdjson::dom::element result : results) {
    std::string_view code;
    Outcome& outcome = response.outcomes[next++];
    outcome = Outcome::accepted;
    if (result["ErrorCode"].get(code) != simdjson::SUCCESS) continue;
    outcome = outcome_of_entry(code, false);
    if (response.reason.empty()) response.reason = "an event failed with " + error_word(code);
  }
  return response;
}

bool NamedEntries::take(std::string_view id, Outcome outcome) {
  const std::size_t index =
      id.size() == 1 && id[0] >= '0' && id[0] <= '9' ? static_cast<std::size_t>(id[0] - '0') : 10;
  if (index >= outcomes_.size()) return false;
  named_ += 1;
  outcomes_[index] = outcome;
  return true;
}

void NamedEntries::accept(std::string_view id) { static_cast<void>(take(id, Outcome::accepted)); }

void NamedEntries::fail(std::string_view id, std::string_view code, bool is_sender_fault) {
  if (!take(id, outcome_of_entry(code, is_sender_fault)) || !first_code_.empty()) return;
  first_code_ = error_word(code);
}

Response NamedEntries::response() && {
  Response response;
  if (!first_code_.empty()) response.reason = "an entry failed with " + first_code_;
  if (named_ < outcomes_.size()) response.reason = "the answer does not name every entry";
  response.outcomes = std::move(outcomes_);
  return response;
}

Response refused(const http::Answer& answer) {
  std::string code = error_code(answer);
  const Outcome outcome = known(code).value_or(classify_http(answer.status, answer.retry_after));
  const bool is_late = code == "RequestTimeTooSkewed" ||
                       code.starts_with("SignatureDoesNotMatch") ||
                       code.starts_with("InvalidSignature") || code == "RequestExpired";
  if (is_late) code += " at the server's " + header(answer, "date");
  return refuse(outcome, answer, code);
}

}  // namespace copybridge::publishers::aws
