// An endpoint that takes events as web requests, with rules for its answers: of the publisher http
// and its presets.
#pragma once

#include <map>
#include <string>

#include "bridge/http/options.h"
#include "bridge/publishers/http_endpoint.h"
#include "bridge/publishers/http_forms.h"

namespace copybridge::publishers {

inline constexpr OptionSpec kFormOptions[] = {
    {.name = "mode",
     .type = OptionType::choice,
     .default_value = "binary",
     .help = "Form of a request: binary = one CloudEvent, attributes in headers; structured = one "
             "CloudEvent as JSON; batch = a CloudEvents JSON array; body = one event's JSON body "
             "alone; json-array and json-lines = several bodies.",
     .choices = kHttpForms},
    {.name = "batch_events_max",
     .type = OptionType::integer,
     .default_value = "100",
     .help = "Most events of one request in the modes batch, json-array and json-lines.",
     .min = 1,
     .max = 100'000},
    {.name = "batch_bytes_max",
     .type = OptionType::integer,
     .default_value = "1000000",
     .help = "Most bytes of one request's events (body, id, subject and key) in the modes that "
             "send several.",
     .min = 1},
    {.name = "event_bytes_max",
     .type = OptionType::integer,
     .default_value = "0",
     .help = "Largest event in bytes that the endpoint takes; a larger one is a dead letter at "
             "once; 0: no limit."},
    http::kRequestsInFlightOption};

/// Reads kFormOptions but for `mode`.
[[nodiscard]] Limits read_form_limits(const Options& options, HttpForm form);

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
