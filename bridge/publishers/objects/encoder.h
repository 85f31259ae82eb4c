// The bytes of an object: lines, compressed. The same lines give the same bytes, however they come.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bridge/core/digest.h"
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
  /// `room`: memory to be used again, for the object's bytes.
  explicit ObjectEncoder(const Encoding& encoding, std::string room = {});

  /// A line with its line end is appended here, and then added.
  [[nodiscard]] std::string& line() { return compressor_ == nullptr ? bytes_ : text_; }
  void add_line();
  /// Bytes of the lines so far.
  [[nodiscard]] std::size_t text_size() const {
    return compressor_ == nullptr ? bytes_.size() : compressed_ + text_.size();
  }
  /// The object. Nothing may be added afterwards.
  struct Made {
    std::string bytes;
    std::string sha256;  ///< of them, hexadecimal
  };
  [[nodiscard]] Made finish();

 private:
  void digest();

  std::unique_ptr<Compressor> compressor_;  ///< null: none
  std::string text_;  ///< not yet compressed; what goes to the library depends on the text alone
  std::string bytes_;
  Sha256 sha256_;
  std::size_t digested_ = 0;    ///< of `bytes_`
  std::size_t compressed_ = 0;  ///< bytes of the lines that went to the library
};

}  // namespace copybridge::publishers::objects
