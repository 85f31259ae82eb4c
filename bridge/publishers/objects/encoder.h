// The bytes of an object: lines, compressed. The same lines give the same bytes, however they come.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bridge/core/error.h"
#include "bridge/publishers/cloudevents.h"

namespace copybridge::publishers::objects {

enum class Compression : std::uint8_t { none, gzip, zstd };

/// How an object is made of its events.
struct Encoding {
  LineFormat format = LineFormat::body;
  Compression compression = Compression::none;
  int level = 0;

  /// As it is kept with an object's intention: `body gzip 6`.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] static std::optional<Encoding> parse(const std::string& text);
  /// `.jsonl`, `.jsonl.gz`, `.jsonl.zst`.
  [[nodiscard]] std::string_view extension() const;
  [[nodiscard]] std::string_view content_type() const;
  friend bool operator==(const Encoding&, const Encoding&) = default;
};

/// A compressing stream of one object.
class Compressor {
 public:
  virtual ~Compressor() = default;
  /// Appends to `out` what the bytes give; with `is_last` also the stream's end.
  virtual void add(std::string_view bytes, bool is_last, std::string& out) = 0;
};

/// Makes one object. Not thread-safe.
class ObjectEncoder {
 public:
  explicit ObjectEncoder(const Encoding& encoding);

  /// Takes a line with its line end.
  void add(std::string_view line);
  /// Bytes of the lines so far.
  [[nodiscard]] std::size_t text_size() const { return text_size_; }
  /// The object. Nothing may be added afterwards.
  [[nodiscard]] std::string finish();

 private:
  std::unique_ptr<Compressor> compressor_;  ///< null: none
  std::string text_;  ///< not yet compressed; what goes to the library depends on the text alone
  std::string bytes_;
  std::size_t text_size_ = 0;
};

}  // namespace copybridge::publishers::objects
