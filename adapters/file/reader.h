// One open file: bytes in, batches of framed records out, and the place where each batch ends.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "adapters/adapter.h"
#include "adapters/file/arrivals.h"
#include "adapters/file/identity.h"
#include "adapters/file/trailer.h"
#include "adapters/file/watcher.h"
#include "bridge/core/input_stream.h"
#include "codecs/framing/framing.h"

namespace copybridge::adapters::file {

/// A place between two records to read on from.
struct Mark {
  framing::Framer::State framing;
  std::uint64_t framed = 0;  ///< records before it
  PrefixHash hash;           ///< of the stream before it
  TrailerSums sums;          ///< of the records before it
};

struct ReaderLimits {
  std::size_t records_max = 0;
  std::size_t bytes_max = 0;
  bool is_followed = false;               ///< what is no whole record at the end is left for later
  const TrailerCheck* trailer = nullptr;  ///< adds records up; null: none
};

enum class ReadOutcome : std::uint8_t { records, end };

/// Frames one file from its start or from a mark. Used by one thread.
class FileReader {
 public:
  /// Takes over an open file. ErrorKind::source and framing as InputStream, config as
  /// make_framer.
  static Result<std::unique_ptr<FileReader>> open(Descriptor descriptor, std::string name,
                                                  const framing::FramingOptions& framing,
                                                  const ReaderLimits& limits);

  /// Goes forward to a mark that this process made. Only before the first next().
  Result<void> go_to(const Mark& mark);
  /// Goes forward to a stored checkpoint, reading and hashing everything before it. False: the
  /// file's prefix is another one than was processed.
  Result<bool> go_to(const Checkpoint& checkpoint);

  /// Hands out at most so many records at a time from now on; 0: as many as it was made for.
  void limit_records(std::size_t records_max);

  /// Puts the next records into batch.bytes, records and position; the other members stay.
  /// Records before a fault are handed out first, then every call fails: ErrorKind::framing where
  /// records or compressed data are broken, source where the file cannot be read.
  Result<ReadOutcome> next(RecordBatch& batch);

  /// Where the records handed out so far end.
  [[nodiscard]] const Mark& mark() const { return mark_; }
  /// The end of the file was seen, and nothing is left to hand out or to report.
  [[nodiscard]] bool is_at_end() const;
  /// What the file system says about the open file now.
  [[nodiscard]] Signature signature() const;
  /// Bytes of the file that were read, compressed where it is compressed.
  [[nodiscard]] std::uint64_t bytes_read() const;
  /// Bytes of the file that are not read yet, compressed where it is compressed.
  [[nodiscard]] std::uint64_t bytes_left() const;

 private:
  FileReader(InputStream stream, std::unique_ptr<framing::Framer> framer,
             const ReaderLimits& limits);
  void fill(ByteBuffer& bytes);
  void advance(ByteBuffer& bytes);
  void add_up(const RecordBatch& batch);
  void adapt(std::size_t records, std::size_t consumed);

  InputStream stream_;
  std::unique_ptr<framing::Framer> framer_;
  ReaderLimits limits_;
  std::size_t records_max_;
  Mark mark_;
  ByteBuffer rest_;         ///< read, not yet framed
  std::size_t wanted_ = 0;  ///< bytes to have at hand before framing
  bool end_seen_ = false;
  std::optional<Error> fault_;
};

/// Whether the file begins with what the checkpoint's digest was made of. Reads all of it.
[[nodiscard]] Result<bool> has_prefix(const std::filesystem::path& path,
                                      const Checkpoint& checkpoint);

}  // namespace copybridge::adapters::file
