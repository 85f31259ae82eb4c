// copybridge's codec as a C++ library: records described by a COBOL copybook to JSON Lines, and
// back. This is the one public header of the package copybridge_codec; it needs nothing but the
// standard library.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace copybridge::codec {

/// The package's version, `0.1.0`.
[[nodiscard]] const char* version() noexcept;

/// A copybook compiled with its options. Immutable; used from any number of threads.
class Codec {
 public:
  /// Compiles the text of a copybook. `options` is a YAML or JSON map of the keys of a mapping file
  /// (docs/mapping.md: codepage, names, match, fields, children, …; paths from the working
  /// directory), of framing (docs/reference.md, the file adapter's: recfm, lrecl, …) and of
  /// encoding (docs/library.md: missing, unknown, rounding, trunc); empty: EBCDIC code page 037,
  /// RECFM F. Null where there are mistakes; `mistakes` then holds one line
  /// for each, `copybook:3:12: error: …` or `options:1:5: error: …`.
  [[nodiscard]] static std::unique_ptr<const Codec> compile(std::string_view copybook,
                                                            std::string_view options,
                                                            std::string& mistakes);
  ~Codec();
  Codec(const Codec&) = delete;
  Codec& operator=(const Codec&) = delete;

  /// Appends the JSON object of one record, without framing and without a line end, to `json`.
  /// False where it does not fit; `reason` then says why and `json` is as it was.
  [[nodiscard]] bool decode_record(const std::uint8_t* record, std::size_t size, std::string& json,
                                   std::string& reason) const;

  struct Impl;

 private:
  friend class Decoder;
  friend class Encoder;
  explicit Codec(std::unique_ptr<const Impl> impl);
  std::unique_ptr<const Impl> impl_;
};

/// A record that was not decoded.
struct RecordError {
  std::uint64_t record = 0;  ///< its number in the stream, from 1
  std::string message;       ///< `packed: BALANCE at offset 41, byte 3: nibble 0xB is not a digit`
};

/// What became of one piece of a stream.
struct Batch {
  std::string_view json_lines;  ///< one line per record; valid until the decoder's next call
  std::size_t consumed = 0;     ///< bytes that are done with; the others are to be given again
  std::uint64_t records = 0;    ///< records framed: lines, errors and those that `match` or
                                ///< `only_if` left out
  std::vector<RecordError> errors;
  std::string framing_error;  ///< empty, or why no record can be told apart from here on
};

/// Decodes one stream of framed records, piece by piece. For one thread; must not outlive its
/// codec.
class Decoder {
 public:
  explicit Decoder(const Codec& codec);
  ~Decoder();
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  /// Decodes the whole records of a piece. `is_end`: nothing follows it, so that a record that
  /// breaks off is an error. Behind a framing error it returns that again.
  [[nodiscard]] Batch decode(const std::uint8_t* bytes, std::size_t size, bool is_end);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// A line that became no record.
struct LineError {
  std::uint64_t line = 0;  ///< its number in the stream, from 1
  std::string message;     ///< `/ITEMS/2/AMOUNT: the value has more digits than PIC S9(5)V99`
};

/// What became of one piece of JSON Lines.
struct EncodedBatch {
  const std::uint8_t* bytes = nullptr;  ///< framed records; valid until the encoder's next call
  std::size_t size = 0;                 ///< of them
  std::size_t consumed = 0;   ///< characters that are done with; the others are to be given again
  std::uint64_t records = 0;  ///< that were made; some may be held until their block is full
  std::vector<LineError> errors;
};

/// The way back: makes one stream of framed records of the JSON Lines that decoders of the same
/// codec print, piece by piece. For one thread; must not outlive its codec.
class Encoder {
 public:
  /// Null where records cannot be written with the codec's options (a `skip_header_bytes` hides
  /// bytes that nobody knows); `mistakes` then holds one line for each reason.
  [[nodiscard]] static std::unique_ptr<Encoder> create(const Codec& codec, std::string& mistakes);
  ~Encoder();
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  /// Encodes the whole lines of a piece. `is_end`: nothing follows it; the last line needs no end,
  /// and what was held is written. A line that is no record is in `errors`, the others are encoded;
  /// so is one behind the end.
  [[nodiscard]] EncodedBatch encode(std::string_view json_lines, bool is_end);

  /// Appends the record of one JSON object, without framing and apart from the stream, to `record`;
  /// of a document (`children`) its records, each behind its length in four bytes, big-endian.
  /// False where it is none; `reason` then says why and `record` is as it was.
  [[nodiscard]] bool encode_record(std::string_view json, std::vector<std::uint8_t>& record,
                                   std::string& reason);

 private:
  struct Impl;
  explicit Encoder(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace copybridge::codec
