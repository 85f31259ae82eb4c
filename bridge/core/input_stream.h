// The way in for bytes: a file, pipe or standard input read in large pieces, gzip and zstd undone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "bridge/core/error.h"

namespace copybridge {

/// automatic: gzip and zstd are known by their magic bytes, everything else is plain.
enum class Compression : std::uint8_t { automatic, none, gzip, zstd };

/// Reads decoded bytes in order. Holds no more than one compressed piece and the decompressor's
/// window (at most 128 MiB for zstd, 32 KiB for gzip). Movable; used by one thread at a time, but
/// for read_at().
class InputStream {
 public:
  /// Opens a file for reading. May block (a FIFO without a writer, a slow disk).
  /// ErrorKind::source where it cannot be opened; a directory fails at its first read.
  static Result<InputStream> open(const std::filesystem::path& path,
                                  Compression compression = Compression::automatic);

  /// Takes over an open descriptor, at its current offset, and closes it at the end; `name` is
  /// for messages. Blocks until the first four bytes, or the end, are in sight.
  static Result<InputStream> adopt(int descriptor, std::string name,
                                   Compression compression = Compression::automatic);

  InputStream(InputStream&& other) noexcept;
  InputStream& operator=(InputStream&& other) noexcept;
  ~InputStream();

  /// Reads up to into.size() bytes, which must not be 0; may return fewer before the end. 0 says
  /// that the stream is at its end; of a plain file that has grown since, the next call returns
  /// what was added. Failures: ErrorKind::source where reading fails, ErrorKind::framing where
  /// compressed data is broken or ends early. Bytes decoded before a fault are returned first,
  /// then every further call fails.
  Result<std::size_t> read(std::span<std::uint8_t> into);

  /// Whether read_at() can: the input is a plain file.
  [[nodiscard]] bool can_read_at() const;
  /// Fills `into` from a position on, the end of the file cuts it short; returns how much it is.
  /// By any number of threads at once; read() goes on where it was.
  Result<std::size_t> read_at(std::uint64_t position, std::span<std::uint8_t> into) const;

  /// Goes forward to a decoded position, by seeking where the input is a plain file, else by
  /// reading. ErrorKind::source where the stream ends before it or it lies behind position().
  Result<void> skip_to(std::uint64_t position);

  /// Decoded bytes handed out or skipped since the stream was opened.
  [[nodiscard]] std::uint64_t position() const { return position_; }
  /// Bytes taken from the file itself, compressed where it is compressed; for progress.
  [[nodiscard]] std::uint64_t raw_position() const;
  /// Size of the file now, for progress; nothing for pipes and terminals.
  [[nodiscard]] std::optional<std::uint64_t> raw_size() const;
  /// What was found: never `automatic`.
  [[nodiscard]] Compression compression() const { return compression_; }
  /// The open descriptor, for fstat; stays owned by the stream, which alone reads from it.
  [[nodiscard]] int descriptor() const;
  [[nodiscard]] const std::string& name() const;

  class Raw;      ///< the descriptor and the bytes already taken from it
  class Decoder;  ///< one decompressor

 private:
  InputStream(std::unique_ptr<Raw> raw, std::unique_ptr<Decoder> decoder, Compression compression);

  std::unique_ptr<Raw> raw_;
  std::unique_ptr<Decoder> decoder_;  ///< null for plain input
  Compression compression_ = Compression::none;
  std::uint64_t position_ = 0;
};

}  // namespace copybridge
