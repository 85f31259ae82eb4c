// An endpoint that takes events as web requests, with rules for its answers: of the publisher http
// and its presets.
#pragma once

#include <map>
#include <string>

#include "bridge/publishers/http_endpoint.h"
#include "bridge/publishers/http_forms.h"

namespace copybridge::publishers {

/// What this endpoint's answers mean where they differ from what classify_http says.
struct AnswerRules {
  std::map<int, Outcome> statuses;
  std::string success_text;  ///< a good answer's body has to hold it; empty: any does
};

inline constexpr OptionSpec kAnswerOptions[] = {
    {.name = "statuses",
     .type = OptionType::text_map,
     .help =
         "What statuses of this endpoint mean where it is not the usual, as {409: accepted}: "
         "accepted, retry, throttled, permanent (a dead letter), doubtful or refused (the route "
         "waits)."},
    {.name = "success_text",
     .type = OptionType::text,
     .help = "Text that the body of a good answer holds; a 2xx without it is a refusal of the "
             "events' content. Within response_bytes_max."}};

/// Reads kAnswerOptions.
[[nodiscard]] AnswerRules read_answer_rules(const Options& options, Diagnostics& diagnostics);

[[nodiscard]] std::unique_ptr<HttpEndpoint> make_web_endpoint(HttpForm form, std::string method,
                                                              Limits limits, AnswerRules rules);

}  // namespace copybridge::publishers
