// Requests to calls, their answers to responses.
#include "adapters/http/http_calls.h"

#include "bridge/core/hash.h"

namespace copybridge::adapters::http {
namespace {

/// Calls have a limit of their own.
constexpr std::chrono::hours kAnswerLimit{24};

ServerSettings for_calls(ServerSettings settings) {
  settings.answer_limit = kAnswerLimit;
  return settings;
}

Answer response_of(const CallAnswer& answer) {
  switch (answer.result) {
    case CallResult::answered:
      return {.status = 200, .body = answer.body};
    case CallResult::failed:
      return {.status = 502, .body = answer.body};
    case CallResult::invalid:
      return {.status = 400, .body = answer.body};
    case CallResult::expired:
      return {.status = 504, .body = answer.body};
    case CallResult::unavailable:
      return {.status = 503, .body = answer.body, .asks_for_retry = true};
  }
  return {.status = 500};
}

}  // namespace

HttpCalls::HttpCalls(const AdapterContext& context, const SourceSettings& settings)
    : context_(context),
      reader_(nullptr, settings.header_names),
      minted_(mint_prefix()),
      repeats_(settings.repeats_max),
      server_(for_calls(settings.server), *this, context.clock, context.log) {}

Result<void> HttpCalls::open(CallHandler& handler) {
  handler_ = &handler;
  return server_.open();
}

void HttpCalls::refuse_new() { server_.refuse_all(); }

void HttpCalls::close(Milliseconds limit) { server_.close(limit); }

void HttpCalls::handle(Request request, Respond respond) {
  tl::expected<Posted, Answer> posted = reader_.read(request);
  if (!posted) return respond(posted.error());
  if (posted->records.size() != 1) return respond(refusal(400, "a call is one JSON object"));
  const std::string body_hash = hash_of(request.body);
  if (is_repeat(*posted, body_hash, respond)) return;
  auto waiting = std::make_shared<Waiting>();
  waiting->responds.push_back(std::move(respond));
  waiting->reservation = std::move(request.reservation);
  if (!posted->key.empty()) {
    const std::scoped_lock lock(mutex_);
    repeats_.begin(posted->key, body_hash, waiting);
  }
  PostedRecord& record = posted->records.front();
  const std::string id = record.id.empty() ? minted_ + std::to_string(next_minted_++) : record.id;
  handler_->take({.id = context_.name + "/" + id,
                  .body = std::move(record.bytes),
                  .attributes = std::move(record.attributes),
                  .time_ms = std::chrono::duration_cast<Milliseconds>(
                                 context_.clock.wall_now().time_since_epoch())
                                 .count(),
                  .answer = [this, key = posted->key, waiting](const CallAnswer& given) {
                    answer(key, *waiting, given);
                  }});
}

bool HttpCalls::is_repeat(const Posted& posted, const std::string& body_hash,
                          const Respond& respond) {
  if (posted.key.empty()) return false;
  const std::scoped_lock lock(mutex_);
  const auto* known = repeats_.find(posted.key);
  if (known == nullptr) return false;
  if (known->body_hash != body_hash) {
    respond(refusal(422, "another body came with this key before"));
  } else if (known->work != nullptr) {
    known->work->responds.push_back(respond);
  } else {
    respond(known->answer);
  }
  return true;
}

void HttpCalls::answer(const std::string& key, Waiting& waiting, const CallAnswer& given) {
  const Answer response = response_of(given);
  std::vector<Respond> responds;
  {
    const std::scoped_lock lock(mutex_);
    responds = std::move(waiting.responds);
    waiting.reservation.reset();
    const bool is_sent = given.result != CallResult::unavailable;
    if (!key.empty()) is_sent ? repeats_.end(key, response) : repeats_.forget(key);
  }
  for (const Respond& respond : responds) respond(response);
}

}  // namespace copybridge::adapters::http
