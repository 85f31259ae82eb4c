// Framing in place: records are views into the bytes as they were read.
#include "adapters/file/reader.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace copybridge::adapters::file {
namespace {

/// Most files of many are small.
constexpr std::size_t kFirstPieceBytes = std::size_t{64} << 10;
constexpr std::size_t kHashPieceBytes = std::size_t{256} << 10;

/// False: the stream is shorter.
Result<bool> hash_prefix(InputStream& stream, std::uint64_t size, PrefixHash& hash) {
  std::vector<std::uint8_t> piece(kHashPieceBytes);
  while (size > 0) {
    const std::size_t wanted = std::min<std::uint64_t>(size, piece.size());
    const Result<std::size_t> count = stream.read(std::span(piece).first(wanted));
    if (!count) return pass_on(count);
    if (*count == 0) return false;
    hash.add(ByteView(piece).first(*count));
    size -= *count;
  }
  return true;
}

}  // namespace

FileReader::FileReader(InputStream stream, std::unique_ptr<framing::Framer> framer,
                       const ReaderLimits& limits)
    : stream_(std::move(stream)),
      framer_(std::move(framer)),
      limits_(limits),
      records_max_(limits.records_max),
      wanted_(std::min(limits.bytes_max, kFirstPieceBytes)) {}

Result<std::unique_ptr<FileReader>> FileReader::open(Descriptor descriptor, std::string name,
                                                     const framing::FramingOptions& framing,
                                                     const ReaderLimits& limits) {
  Result<std::unique_ptr<framing::Framer>> framer = framing::make_framer(framing);
  if (!framer) return pass_on(framer);
  Result<InputStream> stream = InputStream::adopt(descriptor.release(), std::move(name));
  if (!stream) return pass_on(stream);
  return std::unique_ptr<FileReader>(
      new FileReader(std::move(*stream), std::move(*framer), limits));
}

Result<void> FileReader::go_to(const Mark& mark) {
  mark_ = mark;
  framer_->restore(mark.framing);
  return stream_.skip_to(mark.framing.position);
}

Result<bool> FileReader::go_to(const Checkpoint& checkpoint) {
  Result<bool> is_long_enough = hash_prefix(stream_, checkpoint.framing.position, mark_.hash);
  if (!is_long_enough) return is_long_enough;
  if (!*is_long_enough || mark_.hash.digest() != checkpoint.digest) return false;
  mark_.framing = checkpoint.framing;
  mark_.framed = checkpoint.framed;
  if (limits_.trailer != nullptr) mark_.sums = limits_.trailer->load(checkpoint.control);
  framer_->restore(checkpoint.framing);
  return true;
}

void FileReader::fill(ByteBuffer& bytes) {
  while (bytes.size() < wanted_ && !end_seen_ && !fault_) {
    const std::size_t size = bytes.size();
    bytes.resize(wanted_);
    const Result<std::size_t> count = stream_.read(std::span(bytes.data() + size, wanted_ - size));
    bytes.resize(size + (count ? *count : 0));
    if (!count) fault_ = count.error();
    end_seen_ = count && *count == 0;
  }
}

/// The next batch is read as large as this one turned out, so that little is read ahead and moved.
void FileReader::adapt(std::size_t records, std::size_t consumed) {
  if (records == records_max_) {
    wanted_ = std::min(limits_.bytes_max, consumed + consumed / 16 + 1);
  } else {
    wanted_ = std::min(limits_.bytes_max, 4 * wanted_);
  }
}

/// Moves the mark behind what the framer has consumed of `bytes`, whose start is the mark.
void FileReader::advance(ByteBuffer& bytes) {
  const framing::Framer::State state = framer_->state();
  const auto consumed = static_cast<std::size_t>(state.position - mark_.framing.position);
  mark_.hash.add(bytes.view(0, consumed));
  mark_.framing = state;
}

void FileReader::limit_records(std::size_t records_max) {
  records_max_ = records_max == 0 ? limits_.records_max : records_max;
}

void FileReader::add_up(const RecordBatch& batch) {
  if (limits_.trailer == nullptr) return;
  for (const framing::RecordSpan& record : batch.records) {
    limits_.trailer->add(batch.bytes.view(record.offset, record.size), record.place, mark_.sums);
  }
}

Result<ReadOutcome> FileReader::next(RecordBatch& batch) {
  ByteBuffer& bytes = batch.bytes;
  bytes.clear();
  bytes.append(rest_.view());
  rest_.clear();
  while (true) {
    fill(bytes);
    const std::uint64_t begin = mark_.framing.position;
    const bool is_end = end_seen_ && !limits_.is_followed;
    const auto framed = framer_->next(bytes.view(), is_end, records_max_, batch.records);
    advance(bytes);
    // The framing's own fault lies before one of the stream.
    if (!framed) fault_ = framed.error();
    const auto consumed = static_cast<std::size_t>(mark_.framing.position - begin);
    if (!batch.records.empty()) {
      mark_.framed += batch.records.size();
      batch.position = begin;
      rest_.append(bytes.view(consumed, bytes.size() - consumed));
      framer_->take_assembled(bytes);
      add_up(batch);
      adapt(batch.records.size(), consumed);
      return ReadOutcome::records;
    }
    bytes.consume(consumed);
    if (fault_) return tl::make_unexpected(*fault_);
    if (end_seen_ && consumed == 0) {
      rest_.append(bytes.view());
      bytes.clear();
      return ReadOutcome::end;
    }
    // No whole record yet: one that is larger than a batch, or a header.
    if (consumed == 0) wanted_ = 2 * bytes.size() + 1;
  }
}

bool FileReader::is_at_end() const { return end_seen_ && !fault_ && rest_.size() == 0; }

Result<bool> has_prefix(const std::filesystem::path& path, const Checkpoint& checkpoint) {
  Result<InputStream> stream = InputStream::open(path);
  if (!stream) return pass_on(stream);
  PrefixHash hash;
  Result<bool> is_long_enough = hash_prefix(*stream, checkpoint.framing.position, hash);
  if (!is_long_enough) return is_long_enough;
  return *is_long_enough && hash.digest() == checkpoint.digest;
}

Signature FileReader::signature() const {
  struct stat status {};
  // The descriptor is open, so that this cannot fail for a regular file.
  if (::fstat(stream_.descriptor(), &status) != 0) return {};
  return signature_of(status);
}

std::uint64_t FileReader::bytes_read() const { return stream_.raw_position(); }

std::uint64_t FileReader::bytes_left() const {
  const std::uint64_t size = stream_.raw_size().value_or(0);
  return size - std::min(size, stream_.raw_position());
}

}  // namespace copybridge::adapters::file
