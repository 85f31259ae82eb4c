// GET the list, GET each message, DELETE what is settled.
#include "adapters/ibm_mq_rest/rest_source.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <utility>

#include "bridge/core/hash.h"
#include "bridge/core/log_events.h"
#include "bridge/core/percent.h"
#include "bridge/http/perform.h"

namespace copybridge::adapters::ibm_mq_rest {
namespace {

constexpr int kOk = 200;
constexpr int kNothing = 204;
constexpr int kNotAuthorized = 401;
constexpr int kNoText = 501;
constexpr Milliseconds kCloseLimit{3'000};

struct HeaderName {
  std::string_view header;
  std::string_view attribute;
};
/// As the adapter ibm-mq names them.
constexpr std::array<HeaderName, 6> kAttributes = {{{"ibm-mq-md-messageid", "mq-msg-id"},
                                                    {"ibm-mq-md-correlationid", "mq-correl-id"},
                                                    {"ibm-mq-md-persistence", "mq-persistence"},
                                                    {"ibm-mq-md-expiry", "mq-expiry"},
                                                    {"ibm-mq-md-replyto", "mq-reply-to-q"},
                                                    {"ibm-mq-md-priority", "mq-priority"}}};

/// Zeros ask for any message, so that this one cannot be asked for.
bool can_be_named(std::string_view id) {
  if (id.starts_with("ID:")) id.remove_prefix(3);
  return id.find_first_not_of('0') != std::string_view::npos;
}

bool is_gone(const http::Answer& answer) {
  return answer.failure == http::Failure::none && answer.status == kNothing;
}

bool is_there(const http::Answer& answer) {
  return answer.failure == http::Failure::none && answer.status == kOk;
}

}  // namespace

RestSource::RestSource(const AdapterContext& context, RestSettings settings)
    : context_(context), settings_(std::move(settings)), login_(settings_.queue.login) {}

Result<void> RestSource::open() {
  close();
  auto client = std::make_unique<http::Client>();
  Result<void> started = client->start(settings_.client);
  if (!started) return started;
  client_ = std::move(client);
  Result<void> opened = login_.open(*client_);
  if (opened) return opened;
  close();
  return opened;
}

void RestSource::close() {
  if (client_ != nullptr) client_->stop(kCloseLimit);
  client_.reset();
  handed_.clear();
  token_ = 0;
}

void RestSource::interrupt() {
  {
    const std::scoped_lock lock(mutex_);
    is_interrupted_ = true;
  }
  woken_.notify_all();
}

std::string RestSource::message_tail(const std::string& id) const {
  return "/message?messageId=" + percent_encoded(id, ":");
}

tl::unexpected<Error> RestSource::failed(std::string_view what, const http::Answer& answer) const {
  const std::string why =
      answer.failure == http::Failure::none
          ? "answered " + std::to_string(answer.status) + " " + mqweb::details_of(answer.body)
          : answer.message;
  return fail(ErrorKind::source, "ibm-mq-rest: " + settings_.queue.queue_manager + "/" +
                                     settings_.queue.name + ": " + std::string(what) + ": " + why);
}

/// With the login that is configured now.
Result<std::vector<http::Answer>> RestSource::perform(std::vector<http::Call> calls) {
  http::AwaitedCalls awaited;
  for (http::Call& call : calls) awaited.send(*client_, login_, std::move(call));
  std::vector<http::Answer> answers = awaited.wait();
  const bool is_refused = std::ranges::any_of(answers, [](const http::Answer& answer) {
    return answer.failure == http::Failure::none && answer.status == kNotAuthorized;
  });
  if (!is_refused) return answers;
  const Result<bool> renewed = login_.renew();
  if (!renewed) return pass_on(renewed);
  return answers;
}

Result<ReadStatus> RestSource::read(RecordBatch& batch, Milliseconds wait) {
  batch.reset();
  // What was browsed is on the queue until it is settled.
  if (token_ != 0) return ReadStatus::idle;
  if (client_ == nullptr) {
    if (Result<void> opened = open(); !opened) return pass_on(opened);
  }
  if (context_.clock.now() < look_again_at_) wait_for_messages(wait);
  if (context_.clock.now() < look_again_at_) return ReadStatus::dry;
  const std::size_t most = records_max_ > 0 ? std::min(records_max_, settings_.batch_records_max)
                                            : settings_.batch_records_max;
  const Result<std::vector<std::string>> ids = list(most);
  if (!ids) return pass_on(ids);
  if (const Result<void> browsed = browse(*ids, batch); !browsed) {
    batch.reset();
    handed_.clear();
    return pass_on(browsed);
  }
  if (batch.records.empty()) {
    look_again_at_ = context_.clock.now() + settings_.poll_interval;
    return ReadStatus::dry;
  }
  batch.token = token_ = next_token_++;
  return ReadStatus::batch;
}

void RestSource::wait_for_messages(Milliseconds wait) {
  const auto left = std::chrono::ceil<Milliseconds>(look_again_at_ - context_.clock.now());
  std::unique_lock lock(mutex_);
  woken_.wait_for(lock, std::min(wait, left), [&] { return is_interrupted_; });
  is_interrupted_ = false;
}

/// MsgIds from the front of the queue, but for messages that are known to be no text.
Result<std::vector<std::string>> RestSource::list(std::size_t most) {
  const std::size_t limit = most + unreadable_.size();
  Result<std::vector<http::Answer>> answers = perform(
      {mqweb::make_call(settings_.queue, "GET", "/messagelist?limit=" + std::to_string(limit))});
  if (!answers) return pass_on(answers);
  const http::Answer& answer = answers->front();
  std::vector<std::string> ids;
  if (is_gone(answer)) return ids;
  if (!is_there(answer)) return failed("the list of messages", answer);
  simdjson::dom::parser parser;
  simdjson::dom::element json;
  simdjson::dom::array messages;
  const bool is_list = parser.parse(answer.body).get(json) == simdjson::SUCCESS &&
                       (json.get(messages) == simdjson::SUCCESS ||
                        json["messages"].get(messages) == simdjson::SUCCESS);
  if (!is_list) return failed("the list of messages is none", answer);
  std::set<std::string> still_there;
  for (const simdjson::dom::element message : messages) {
    std::string_view id;
    if (message["messageId"].get(id) != simdjson::SUCCESS) continue;
    const std::string known(id);
    if (unreadable_.contains(known)) {
      still_there.insert(known);
    } else if (!can_be_named(id)) {
      still_there.insert(known);
      log_message_unreadable(context_.log, context_.name, settings_.queue.name, known,
                             "its MsgId is zero");
    } else if (ids.size() < most && std::ranges::find(ids, known) == ids.end()) {
      // Of several with one MsgId only the first can be read.
      ids.push_back(known);
    }
  }
  unreadable_ = std::move(still_there);
  return ids;
}

/// Asks for all of them at once; the first whose answer is no message and no refusal of one ends
/// it.
Result<void> RestSource::browse(const std::vector<std::string>& ids, RecordBatch& batch) {
  std::vector<http::Call> calls;
  calls.reserve(ids.size());
  for (const std::string& id : ids)
    calls.push_back(mqweb::make_call(settings_.queue, "GET", message_tail(id)));
  const Result<std::vector<http::Answer>> answers = perform(std::move(calls));
  if (!answers) return pass_on(answers);
  handed_.clear();
  batch.attributes = {{"mq-queue-manager", settings_.queue.queue_manager},
                      {"mq-queue", settings_.queue.name}};
  for (std::size_t i = 0; i < ids.size(); ++i) {
    Result<void> taken = take(ids[i], (*answers)[i], batch);
    if (!taken) return taken;
  }
  return {};
}

Result<void> RestSource::take(const std::string& id, const http::Answer& answer,
                              RecordBatch& batch) {
  // Somebody else has taken it.
  if (is_gone(answer)) return {};
  const bool is_no_text = answer.failure == http::Failure::none && answer.status == kNoText;
  const bool is_too_large = is_there(answer) && answer.body.size() > settings_.message_bytes_max;
  if (is_no_text || is_too_large) {
    unreadable_.insert(id);
    log_message_unreadable(
        context_.log, context_.name, settings_.queue.name, id,
        is_too_large ? "larger than message_bytes_max" : mqweb::details_of(answer.body));
    return {};
  }
  if (!is_there(answer)) return failed("browsing a message", answer);
  const std::size_t at = batch.bytes.size();
  const std::string& body = answer.body;
  batch.bytes.append({reinterpret_cast<const std::uint8_t*>(body.data()), body.size()});
  batch.records.push_back(
      {static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(body.size())});
  Attributes& attributes = batch.record_attributes.emplace_back();
  for (const auto& [name, value] : answer.headers) {
    const auto* const known = std::ranges::find(kAttributes, name, &HeaderName::header);
    if (known != kAttributes.end()) attributes.emplace_back(known->attribute, value);
  }
  Handed& handed = handed_.emplace_back(Handed{.message_id = id, .hash = hash_of(body)});
  Hasher hasher;
  for (const std::string& part :
       {settings_.queue.queue_manager, settings_.queue.name, id, handed.hash}) {
    hasher.update(part);
    hasher.update(std::string_view("\0", 1));
  }
  batch.ids.push_back(hasher.hex());
  return {};
}

Result<void> RestSource::settle(const Settlement& settlement) {
  if (settlement.token != token_ || token_ == 0) return {};
  std::vector<Handed*> pending;
  std::vector<Handed*> doubtful;
  bool comes_again = false;
  for (std::size_t i = 0; i < handed_.size(); ++i) {
    comes_again = comes_again || settlement.fates[i] == Fate::retry;
    if (settlement.fates[i] == Fate::retry || handed_[i].is_gone) continue;
    (handed_[i].may_be_gone ? doubtful : pending).push_back(&handed_[i]);
  }
  if (Result<void> looked = look_again(doubtful); !looked) return looked;
  pending.insert(pending.end(), doubtful.begin(), doubtful.end());
  if (Result<void> removed = remove(pending); !removed) return removed;
  handed_.clear();
  token_ = 0;
  look_again_at_ = comes_again ? context_.clock.now() + settings_.poll_interval : SteadyTime{};
  return {};
}

/// A DELETE that was not answered may have worked. Asked for by its id, another message with the
/// same MsgId would come, which nobody has read: such a one stays.
Result<void> RestSource::look_again(std::vector<Handed*>& doubtful) {
  std::vector<http::Call> calls;
  calls.reserve(doubtful.size());
  for (const Handed* handed : doubtful)
    calls.push_back(mqweb::make_call(settings_.queue, "GET", message_tail(handed->message_id)));
  const Result<std::vector<http::Answer>> answers = perform(std::move(calls));
  if (!answers) return pass_on(answers);
  for (std::size_t i = 0; i < doubtful.size(); ++i) {
    const http::Answer& answer = (*answers)[i];
    if (!is_gone(answer) && !is_there(answer)) return failed("browsing a message again", answer);
    doubtful[i]->is_gone = is_gone(answer) || hash_of(answer.body) != doubtful[i]->hash;
  }
  std::erase_if(doubtful, [](const Handed* handed) { return handed->is_gone; });
  return {};
}

Result<void> RestSource::remove(std::vector<Handed*>& pending) {
  std::vector<http::Call> calls;
  for (const Handed* handed : pending) {
    calls.push_back(mqweb::make_call(settings_.queue, "DELETE", message_tail(handed->message_id)));
    // A repeat would delete another message with the same MsgId.
    calls.back().is_sent_once = true;
  }
  const Result<std::vector<http::Answer>> answers = perform(std::move(calls));
  if (!answers) return pass_on(answers);
  const http::Answer* first_failed = nullptr;
  for (std::size_t i = 0; i < pending.size(); ++i) {
    const http::Answer& answer = (*answers)[i];
    pending[i]->is_gone = is_there(answer) || is_gone(answer);
    pending[i]->may_be_gone = true;
    if (!pending[i]->is_gone && first_failed == nullptr) first_failed = &answer;
  }
  if (first_failed != nullptr) return failed("deleting a message", *first_failed);
  return {};
}

}  // namespace copybridge::adapters::ibm_mq_rest
