// Forms and rules.
#include "bridge/publishers/web_endpoint.h"

#include <algorithm>
#include <array>

namespace copybridge::publishers {
namespace {

struct Word {
  std::string_view text;
  Outcome outcome;
};
constexpr std::array kWords = {
    Word{"accepted", Outcome::accepted},   Word{"retry", Outcome::retry},
    Word{"throttled", Outcome::throttled}, Word{"permanent", Outcome::permanent},
    Word{"doubtful", Outcome::doubtful},   Word{"refused", Outcome::refused}};

class WebEndpoint final : public HttpEndpoint {
 public:
  WebEndpoint(HttpForm form, std::string method, Limits limits, AnswerRules rules)
      : form_(form), method_(std::move(method)), limits_(limits), rules_(std::move(rules)) {}

  Limits limits() const override { return limits_; }
  std::size_t size_of(const Event& event) const override { return size_in_form(form_, event); }
  http::Call form(std::span<const Event* const> events) const override {
    http::Call call;
    call.method = method_;
    form_call(form_, events, call);
    return call;
  }
  Response read(const http::Answer& answer, std::size_t) const override {
    const auto rule = rules_.statuses.find(answer.status);
    const Outcome outcome = rule == rules_.statuses.end()
                                ? classify_http(answer.status, answer.retry_after)
                                : rule->second;
    if (outcome != Outcome::accepted) return refuse(outcome, answer);
    if (answer.body.find(rules_.success_text) != std::string::npos) return {.outcomes = {outcome}};
    return refuse(Outcome::doubtful, answer, "without success_text");
  }

 private:
  const HttpForm form_;
  const std::string method_;
  const Limits limits_;
  const AnswerRules rules_;
};

}  // namespace

Limits read_form_limits(const Options& options, HttpForm form) {
  const auto size = [&](std::string_view name) {
    return static_cast<std::size_t>(options.integer(name));
  };
  Limits limits;
  if (is_batch(form)) {
    limits.events_per_request = size("batch_events_max");
    limits.bytes_per_request = size("batch_bytes_max");
  }
  if (size("event_bytes_max") > 0) limits.event_bytes_max = size("event_bytes_max");
  limits.requests_in_flight = size("requests_in_flight");
  return limits;
}

AnswerRules read_answer_rules(const Options& options, Diagnostics& diagnostics) {
  constexpr std::int64_t kStatusMin = 100;
  constexpr std::int64_t kStatusMax = 599;
  AnswerRules rules{.statuses = {}, .success_text = options.text("success_text")};
  for (const ConfigMember& member : options.node("statuses").members) {
    std::int64_t status = 0;
    const auto* const word = std::ranges::find(kWords, member.value.scalar, &Word::text);
    if (!parse_integer(member.key, status) || status < kStatusMin || status > kStatusMax) {
      diagnostics.error(member.where, "'statuses': '" + member.key + "' is not a status, 100..599");
    } else if (word == kWords.end()) {
      diagnostics.error(member.where, "'statuses': '" + member.value.scalar +
                                          "' is none of accepted, retry, throttled, permanent, "
                                          "doubtful, refused");
    } else {
      rules.statuses[static_cast<int>(status)] = word->outcome;
    }
  }
  return rules;
}

std::unique_ptr<HttpEndpoint> make_web_endpoint(HttpForm form, std::string method, Limits limits,
                                                AnswerRules rules) {
  return std::make_unique<WebEndpoint>(form, std::move(method), limits, std::move(rules));
}

}  // namespace copybridge::publishers
