// Passes over a file that `bench` measures: in memory, in pieces as the commands take them.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bridge/core/bytes.h"
#include "bridge/core/error.h"
#include "codecs/framing/framing.h"
#include "codecs/mapping/line_encoder.h"
#include "tools/copybridge/decode_batch.h"

namespace copybridge::cli {

/// What one pass over the file came to.
struct Pass {
  std::uint64_t records = 0;
  std::uint64_t rejected = 0;
  std::uint64_t bytes_out = 0;
  double seconds = 0;
  std::optional<std::uint64_t> cycles;  ///< of all threads; none where nobody counts them
};

/// The SHA-256 of what a pass wrote.
class Digest {
 public:
  Digest();
  ~Digest();
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;
  void add(ByteView bytes);
  /// Called once.
  std::string hex();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

/// Where a pass leaves what it wrote; nothing is left where both are null.
struct Sink {
  Digest* digest = nullptr;
  ByteBuffer* bytes = nullptr;
};

/// Decodes the whole input in pieces, by one thread or several.
class DecodeBench {
 public:
  /// The input and the options must outlive it.
  DecodeBench(ByteView input, const framing::FramingOptions& framing, DecodeRules rules,
              std::size_t threads)
      : input_(input), framing_(framing), rules_(std::move(rules)), threads_(threads) {}

  Result<Pass> run(const Sink& sink);

 private:
  /// A piece of the input on its way through the threads.
  struct Job {
    ByteView piece;
    ByteBuffer assembled;  ///< records that framing has put together
    std::vector<framing::RecordSpan> records;
    Decoded decoded;

    [[nodiscard]] std::size_t bytes_held() const {
      return decoded.text.size() + decoded.text.room();
    }
  };

  /// Frames the next piece; a record that is longer than one gets a larger one.
  Result<std::size_t> cut(framing::Framer& framer, std::size_t position, Job& job);
  static void count(const Job& job, const Sink& sink, Pass& pass);

  ByteView input_;
  const framing::FramingOptions& framing_;
  DecodeRules rules_;
  std::size_t threads_;
};

/// Encodes JSON Lines in pieces, by one thread.
class EncodeBench {
 public:
  /// All must outlive it; kReadableTail bytes behind the lines must be readable.
  EncodeBench(std::string_view lines, const framing::FramingOptions& framing,
              const mapping::LinePlan& plan)
      : lines_(lines), framing_(framing), plan_(plan) {}

  Result<Pass> run(const Sink& sink);

 private:
  void take(mapping::EncodedLines& done, const Sink& sink, Pass& pass) const;

  std::string_view lines_;
  const framing::FramingOptions& framing_;
  const mapping::LinePlan& plan_;
};

}  // namespace copybridge::cli
