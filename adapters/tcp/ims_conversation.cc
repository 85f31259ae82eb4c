// RESUME TPIPE, output, ACK: one message of IMS at a time.
#include "adapters/tcp/ims_conversation.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <utility>

namespace copybridge::adapters::tcp {
namespace {

constexpr std::size_t kLengthBytes = 4;
/// LLLL and a structure.
constexpr std::size_t kMessageBytesMin = 8;

class ImsConversation final : public Conversation {
 public:
  ImsConversation(const ImsSettings& settings, ImsVocabulary words)
      : words_(std::move(words)),
        prefix_bytes_(settings.keeps_prefix ? 0 : kLengthBytes),
        message_bytes_max_(settings.message_bytes_max),
        is_single_(settings.retrieval == ImsRetrieval::single ||
                   settings.retrieval == ImsRetrieval::single_wait) {}

  std::string greeting() override { return words_.first_resume; }

  Result<void> take(ByteBuffer& input, bool is_end, Cut& cut, std::string& out) override {
    std::size_t at = 0;
    Result<void> taken;
    while (taken && input.size() - at >= kLengthBytes) {
      const std::size_t size = ims_length(input.view(at, kLengthBytes));
      if (size < kMessageBytesMin || size > message_bytes_max_) {
        taken = fail(ErrorKind::framing,
                     fmt::format("tcp: LLLL is {}, and a message has {} to {} bytes", size,
                                 kMessageBytesMin, message_bytes_max_));
        break;
      }
      if (size > input.size() - at) break;
      taken = take_message(input.view(at, size), cut, out);
      at += size;
    }
    input.consume(at);
    if (taken && is_end && input.size() > 0)
      taken = fail(ErrorKind::framing, "tcp: the connection has ended within a message");
    return taken;
  }

  void acknowledge(std::size_t records, std::string& out) override {
    for (; records > 0 && !unsettled_.empty(); --records) {
      if (unsettled_.front()) out += words_.acknowledgement;
      unsettled_.pop_front();
    }
  }

  void refuse(std::string& out) override {
    // IMS waits for one answer only.
    if (std::ranges::find(unsettled_, true) != unsettled_.end()) out += words_.refusal;
    unsettled_.clear();
  }

 private:
  Result<void> take_message(ByteView bytes, Cut& cut, std::string& out) {
    const Result<ImsMessage> message = parse_ims_message(bytes, words_);
    if (!message) return pass_on(message);
    if (message->kind == ImsMessage::Kind::status) return take_status(*message, out);
    // A CSM alone says that a request is done.
    if (message->segments.empty() && !message->wants_answer) return {};
    const std::size_t offset = cut.bytes.size();
    for (const ByteView segment : message->segments)
      cut.bytes.append(segment.subspan(prefix_bytes_));
    cut.records.push_back({static_cast<std::uint32_t>(offset),
                           static_cast<std::uint32_t>(cut.bytes.size() - offset)});
    unsettled_.push_back(message->wants_answer);
    if (is_single_ && !message->wants_answer) out += words_.resume;
    return {};
  }

  Result<void> take_status(const ImsMessage& status, std::string& out) {
    // Whatever was not answered is on its queue again.
    std::ranges::fill(unsettled_, false);
    if (status.return_code != kImsTimedOut)
      return fail(ErrorKind::source, describe_ims_status(status));
    out += words_.resume;
    return {};
  }

  const ImsVocabulary words_;
  const std::size_t prefix_bytes_;
  const std::size_t message_bytes_max_;
  const bool is_single_;
  std::deque<bool> unsettled_;  ///< whether IMS waits for an answer
};

}  // namespace

Result<std::unique_ptr<Conversation>> make_ims_conversation(const ImsSettings& settings) {
  Result<ImsVocabulary> words = make_vocabulary(settings);
  if (!words) return pass_on(words);
  return std::make_unique<ImsConversation>(settings, std::move(*words));
}

}  // namespace copybridge::adapters::tcp
