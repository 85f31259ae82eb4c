// Streams for the framing tests, and a reader that feeds a framer piece by piece.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "codecs/framing/framing.h"

namespace copybridge::framing {

/// What came out of a stream: records as hexadecimal, and the message of the error that ended it.
struct Outcome {
  std::vector<std::string> records = {};
  std::string places = {};  ///< h, d or t for each
  std::string error = {};
  ErrorKind kind = ErrorKind::usage;
  Framer::State state = {};

  bool operator==(const Outcome& other) const {
    return records == other.records && places == other.places && error == other.error;
  }
};

inline std::vector<std::uint8_t> bytes(std::string_view hex) {
  ByteBuffer buffer;
  if (!from_hex(hex, buffer)) return {};
  return {buffer.view().begin(), buffer.view().end()};
}

/// A record's first byte is its size.
class FirstByteMeasure final : public RecordMeasure {
 public:
  [[nodiscard]] Measured measure(ByteView stream, RecordPlace /*place*/) const override {
    if (stream.empty()) return {Measured::Kind::more};
    if (stream[0] == 0xFF) return {Measured::Kind::bad};
    return {Measured::Kind::size, stream[0], 1};
  }
  [[nodiscard]] std::string explain(ByteView /*stream*/, RecordPlace /*place*/) const override {
    return "found FF, expected a size";
  }
};

/// A record that begins with A0 begins a document, with B0 it belongs to one.
class FirstByteGrouper final : public RecordGrouper {
 public:
  [[nodiscard]] Role role(ByteView record) const override {
    if (record.empty()) return Role::continues;
    if (record[0] == 0xA0) return Role::begins;
    return record[0] == 0xB0 ? Role::continues : Role::alone;
  }
};

/// Presents `stream` in steps of `step` bytes, at most `records_max` records per call.
inline Outcome frame(const FramingOptions& options, ByteView stream, std::size_t step = SIZE_MAX,
                     std::size_t records_max = 1000) {
  Outcome outcome;
  auto framer = make_framer(options);
  if (!framer) return {.records = {}, .error = framer.error().message, .kind = ErrorKind::config};
  std::size_t begin = 0;
  std::size_t end = 0;
  while (true) {
    end += std::min(step, stream.size() - end);
    const bool is_end = end == stream.size();
    while (true) {
      const ByteView piece = stream.subspan(begin, end - begin);
      std::vector<RecordSpan> records;
      const auto framed = (*framer)->next(piece, is_end, records_max, records);
      ByteBuffer assembled;
      const bool is_assembled = (*framer)->take_assembled(assembled);
      const ByteView from = is_assembled ? assembled.view() : piece;
      for (const RecordSpan& record : records) {
        outcome.records.push_back(to_hex(from.subspan(record.offset, record.size)));
        outcome.places += "dht"[static_cast<std::size_t>(record.place)];
      }
      outcome.state = (*framer)->state();
      if (!framed) {
        outcome.error = framed.error().message;
        outcome.kind = framed.error().kind;
        return outcome;
      }
      begin += framed->consumed;
      if (records.size() < records_max) break;
    }
    if (is_end) return outcome;
  }
}

inline Outcome frame(const FramingOptions& options, std::string_view hex) {
  return frame(options, ByteView(bytes(hex)));
}

}  // namespace copybridge::framing
