// Records by the framers of files.
#include "adapters/tcp/conversation.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace copybridge::adapters::tcp {
namespace {

class FramedConversation final : public Conversation {
 public:
  FramedConversation(std::unique_ptr<framing::Framer> framer, std::string acknowledgement)
      : framer_(std::move(framer)), acknowledgement_(std::move(acknowledgement)) {}

  Result<void> take(ByteBuffer& input, bool is_end, Cut& cut, std::string& /*out*/) override {
    spans_.clear();
    const Result<framing::Framed> framed =
        framer_->next(input.view(), is_end, std::numeric_limits<std::size_t>::max(), spans_);
    append(framer_->take_assembled(assembled_) ? assembled_.view() : input.view(), cut);
    if (!framed) return pass_on(framed);
    input.consume(static_cast<std::size_t>(framed->consumed));
    return {};
  }
  void acknowledge(std::size_t records, std::string& out) override {
    if (acknowledgement_.empty()) return;
    for (; records > 0; --records) out += acknowledgement_;
  }

 private:
  /// All in one piece, with what stands between the records.
  void append(ByteView bytes, Cut& cut) {
    const std::size_t at = cut.bytes.size();
    std::size_t end = 0;
    for (framing::RecordSpan span : spans_) {
      end = std::max<std::size_t>(end, span.offset + span.size);
      span.offset += static_cast<std::uint32_t>(at);
      cut.records.push_back(span);
    }
    cut.bytes.append(bytes.first(end));
  }

  const std::unique_ptr<framing::Framer> framer_;
  const std::string acknowledgement_;
  std::vector<framing::RecordSpan> spans_;
  ByteBuffer assembled_;
};

}  // namespace

Result<std::unique_ptr<Conversation>> make_framed_conversation(
    const framing::FramingOptions& framing, std::string acknowledgement) {
  Result<std::unique_ptr<framing::Framer>> framer = framing::make_framer(framing);
  if (!framer) return pass_on(framer);
  return std::make_unique<FramedConversation>(std::move(*framer), std::move(acknowledgement));
}

}  // namespace copybridge::adapters::tcp
