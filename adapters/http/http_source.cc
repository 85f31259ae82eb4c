// Requests to batches, settlements to answers.
#include "adapters/http/http_source.h"

#include <fmt/format.h>

#include <random>

#include "bridge/core/hash.h"

namespace copybridge::adapters::http {
namespace {

constexpr Milliseconds kCloseLimit{3000};

std::unique_ptr<framing::Framer> framer_of(const std::optional<framing::FramingOptions>& options) {
  if (!options) return nullptr;
  // They were checked when they were read.
  auto framer = framing::make_framer(*options);
  return framer ? std::move(*framer) : nullptr;
}

Answer stopping() {
  Answer answer = refusal(503, "the bridge has not kept it");
  answer.asks_for_retry = true;
  return answer;
}

std::size_t index_of(Fate fate) { return static_cast<std::size_t>(fate); }

}  // namespace

std::string mint_prefix() {
  return fmt::format("{:08x}{:08x}/", std::random_device{}(), std::random_device{}());
}

HttpSource::HttpSource(const AdapterContext& context, SourceSettings settings)
    : context_(context),
      settings_(std::move(settings)),
      reader_(framer_of(settings_.framing), settings_.header_names),
      minted_(mint_prefix()),
      repeats_(settings_.repeats_max),
      server_(settings_.server, *this, context.clock, context.log) {}

Result<void> HttpSource::open() {
  close();
  {
    const std::scoped_lock lock(mutex_);
    is_closed_ = false;
  }
  return server_.open();
}

/// The listener's thread.
void HttpSource::handle(Request request, Respond respond) {
  tl::expected<Posted, Answer> posted = reader_.read(request);
  if (!posted) return respond(posted.error());
  const std::string body_hash = posted->key.empty() ? std::string() : hash_of(request.body);
  const std::scoped_lock lock(mutex_);
  if (is_closed_) return respond(stopping());
  if (!posted->key.empty()) {
    const auto* known = repeats_.find(posted->key);
    if (known != nullptr && known->body_hash != body_hash)
      return respond(refusal(422, "another body came with this key before"));
    if (known != nullptr && known->work == nullptr) return respond(known->answer);
    if (known != nullptr) return known->work->responds.push_back(std::move(respond));
  }
  auto submission = std::make_shared<Submission>();
  submission->posted = std::move(*posted);
  submission->responds.push_back(std::move(respond));
  submission->reservation = std::move(request.reservation);
  submission->time_ms =
      std::chrono::duration_cast<Milliseconds>(context_.clock.wall_now().time_since_epoch())
          .count();
  if (!submission->posted.key.empty())
    repeats_.begin(submission->posted.key, body_hash, submission);
  waiting_.push_back(std::move(submission));
  changed_.notify_all();
}

Result<ReadStatus> HttpSource::read(RecordBatch& batch, Milliseconds wait) {
  batch.reset();
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, context_.clock.machine_time(wait),
                    [this] { return is_interrupted_ || !waiting_.empty(); });
  is_interrupted_ = false;
  if (waiting_.empty()) return unsettled_.empty() ? ReadStatus::dry : ReadStatus::idle;
  Batch handed;
  hand_out(batch, handed);
  batch.token = handed.token = next_token_++;
  unsettled_.push_back(std::move(handed));
  return ReadStatus::batch;
}

void HttpSource::hand_out(RecordBatch& batch, Batch& handed) {
  batch.id_prefix = context_.name + "/";
  const std::size_t most = records_max_ > 0 ? records_max_ : settings_.batch_records_max;
  while (!waiting_.empty() && batch.records.size() < most && batch.bytes.size() < kBatchBytes) {
    Submission& submission = *waiting_.front();
    Part part{waiting_.front(), 0};
    auto& records = submission.posted.records;
    while (submission.handed_out < records.size() && batch.records.size() < most &&
           batch.bytes.size() < kBatchBytes) {
      append(batch, submission, records[submission.handed_out++]);
      ++part.count;
    }
    if (submission.handed_out == records.size()) waiting_.pop_front();
    handed.parts.push_back(std::move(part));
  }
}

/// The record's bytes are needed no longer: the client has them until it is answered.
void HttpSource::append(RecordBatch& batch, const Submission& submission, PostedRecord& record) {
  const std::string bytes = std::move(record.bytes);
  const std::size_t at = batch.bytes.size();
  batch.bytes.append({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  batch.records.push_back(
      {static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(bytes.size())});
  batch.ids.push_back(record.id.empty() ? minted_ + std::to_string(next_minted_++)
                                        : std::move(record.id));
  batch.record_attributes.push_back(std::move(record.attributes));
  batch.record_times_ms.push_back(submission.time_ms);
}

Result<void> HttpSource::settle(const Settlement& settlement) {
  const std::scoped_lock lock(mutex_);
  if (unsettled_.empty() || unsettled_.front().token != settlement.token) return {};
  std::span<const Fate> fates(settlement.fates);
  for (const Part& part : unsettled_.front().parts) {
    settle_part(part, fates.first(part.count));
    fates = fates.subspan(part.count);
  }
  unsettled_.pop_front();
  return {};
}

void HttpSource::settle_part(const Part& part, std::span<const Fate> fates) {
  Submission& submission = *part.submission;
  if (submission.is_answered) return;
  for (const Fate fate : fates) ++submission.fates[index_of(fate)];
  submission.settled += part.count;
  if (submission.fates[index_of(Fate::retry)] > 0) {
    // All of it comes again, with the ids of before where the sender names it.
    std::erase(waiting_, part.submission);
    return conclude(submission, stopping(), false);
  }
  if (submission.settled == submission.posted.records.size())
    conclude(submission, answer_of(submission), true);
}

Answer HttpSource::answer_of(const Submission& submission) const {
  const auto count = [&](Fate fate) { return submission.fates[index_of(fate)]; };
  if (!settings_.answers_when_delivered) {
    return {.status = 202, .body = fmt::format(R"({{"stored":{}}})", submission.settled)};
  }
  return {.status = count(Fate::dead_lettered) > 0 ? 422U : 200U,
          .body = fmt::format(R"({{"delivered":{},"filtered":{},"dead_lettered":{}}})",
                              count(Fate::delivered), count(Fate::filtered),
                              count(Fate::dead_lettered))};
}

void HttpSource::conclude(Submission& submission, const Answer& answer, bool is_final) {
  submission.is_answered = true;
  submission.reservation.reset();
  const std::string& key = submission.posted.key;
  // The index may hold the last reference but the caller's.
  std::vector<Respond> responds = std::move(submission.responds);
  if (!key.empty()) is_final ? repeats_.end(key, answer) : repeats_.forget(key);
  for (const Respond& respond : responds) respond(answer);
}

void HttpSource::interrupt() {
  {
    const std::scoped_lock lock(mutex_);
    is_interrupted_ = true;
  }
  changed_.notify_all();
}

void HttpSource::close() {
  server_.refuse_all();
  {
    const std::scoped_lock lock(mutex_);
    is_closed_ = true;
    std::deque<SubmissionPointer> open = std::move(waiting_);
    for (const Batch& batch : unsettled_)
      for (const Part& part : batch.parts) open.push_back(part.submission);
    waiting_.clear();
    unsettled_.clear();
    for (const SubmissionPointer& submission : open)
      if (!submission->is_answered) conclude(*submission, stopping(), false);
  }
  server_.close(kCloseLimit);
}

SourceStatus HttpSource::status() const {
  const std::scoped_lock lock(mutex_);
  return {.lag = std::to_string(waiting_.size()) + " requests, " +
                 std::to_string(server_.waiting_bytes()) + " bytes"};
}

}  // namespace copybridge::adapters::http
