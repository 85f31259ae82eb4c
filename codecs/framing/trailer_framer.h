// Framer that knows which records are the stream's last ones: it reads ahead by as many.
#pragma once

#include <memory>

#include "codecs/framing/framing.h"

namespace copybridge::framing {

/// Marks the last FramingOptions::trailer_records records of another framer as trailers. A record
/// is handed out when so many others, or the stream's end, are in sight behind it; where framing
/// breaks, those in front of the fault may be trailers or not and are not.
class TrailerFramer final : public Framer {
 public:
  TrailerFramer(std::unique_ptr<Framer> records, const FramingOptions& options);

  Result<Framed> next(ByteView piece, bool end_of_stream, std::size_t records_max,
                      std::vector<RecordSpan>& records) override;
  bool take_assembled(ByteBuffer& bytes) override { return records_->take_assembled(bytes); }
  [[nodiscard]] State state() const override { return records_->state(); }
  void restore(const State& state) override { records_->restore(state); }

 private:
  std::unique_ptr<Framer> records_;
  std::size_t trailers_;
};

}  // namespace copybridge::framing
