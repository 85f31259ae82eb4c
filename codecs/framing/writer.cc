// Writers of every RECFM.
#include "codecs/framing/writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "codecs/framing/block_framer.h"
#include "codecs/framing/descriptor.h"
#include "codecs/framing/group_framer.h"
#include "codecs/framing/prefix.h"
#include "codecs/framing/sized_framer.h"

namespace copybridge::framing {

namespace {

constexpr std::uint8_t kCarriageReturn = 0x0D;
constexpr std::uint8_t kAsciiLineFeed = 0x0A;

tl::unexpected<Error> unfit(const std::string& message) {
  return fail(ErrorKind::bad_record, "framing: " + message);
}

tl::unexpected<Error> mistake(std::string message) {
  return fail(ErrorKind::config, "framing: " + std::move(message));
}

Result<void> check_size(ByteView record, std::uint64_t largest) {
  if (record.size() <= largest) return {};
  return unfit(fmt::format("a record of {} bytes, expected at most {}", record.size(), largest));
}

/// Whether the length to be written, the record's and `more`, is not too small.
Result<void> check_length(std::size_t size, std::int64_t more, std::int64_t least) {
  const std::int64_t length = static_cast<std::int64_t>(size) + more;
  if (length >= least) return {};
  return unfit(
      fmt::format("a record of {} bytes, whose length would be written as {}", size, length));
}

std::uint32_t block_size_of(const FramingOptions& options) {
  // Half a track of a 3390, where nothing else is said.
  constexpr std::uint32_t kHalfTrack = 27998;
  return options.block_size > 0 ? options.block_size : kHalfTrack;
}

std::uint64_t largest_of(const FramingOptions& options) {
  return options.lrecl > 0 ? options.lrecl : options.record_bytes_max;
}

/// Formats in which a record's bytes are all that is written: F, and records that say themselves
/// how long they are.
class PlainWriter final : public FrameWriter {
 public:
  explicit PlainWriter(const FramingOptions& options) : options_(options) {}
  [[nodiscard]] Result<void> check(ByteView record, bool is_followed) const override {
    return options_.recfm == Recfm::measured ? check_measured(record)
                                             : check_fixed(record, is_followed);
  }
  Result<void> write(ByteView record, ByteBuffer& out) override {
    if (!is_plainly_fixed(record)) {
      Result<void> checked = check(record, false);
      if (!checked) return checked;
    }
    out.append(record);
    ++records_;
    is_short_ = record.size() < options_.lrecl;
    return {};
  }
  bool write_side_by_side(ByteView records, std::size_t size, ByteBuffer& out) override {
    if (!is_plainly_fixed(records.first(size))) return false;
    out.append(records);
    records_ += records.size() / size;
    return true;
  }
  Result<void> finish(ByteBuffer& /*out*/) override { return {}; }

 private:
  /// What nearly all records are, seen without more ado.
  [[nodiscard]] bool is_plainly_fixed(ByteView record) const {
    return record.size() == options_.lrecl && !is_short_ && options_.recfm != Recfm::measured;
  }

  [[nodiscard]] Result<void> check_fixed(ByteView record, bool is_followed) const {
    if (is_short_)
      return unfit(
          fmt::format("a record behind one of less than {} bytes (LRECL), which only the "
                      "last may have",
                      options_.lrecl));
    const bool may_end = options_.accepts_short_last && !is_followed && !record.empty();
    if (record.size() == options_.lrecl || (may_end && record.size() < options_.lrecl)) return {};
    return unfit(
        fmt::format("a record of {} bytes, expected {} (LRECL)", record.size(), options_.lrecl));
  }

  [[nodiscard]] Result<void> check_measured(ByteView record) const {
    const RecordPlace place =
        records_ < options_.header_records ? RecordPlace::header : RecordPlace::detail;
    const Measured measured = options_.measure->measure(record, place);
    if (measured.kind != Measured::Kind::size)
      return unfit(options_.measure->explain(record, place));
    if (adjusted(measured.size, options_.rdw_adjust) == record.size())
      return check_size(record, largest_of(options_));
    return unfit(
        fmt::format("a record of {} bytes that says it has {}", record.size(), measured.size));
  }

  FramingOptions options_;
  std::uint64_t records_ = 0;
  bool is_short_ = false;  ///< the last one written
};

class LineWriter final : public FrameWriter {
 public:
  explicit LineWriter(const FramingOptions& options)
      : ends_(options.line_ends),
        largest_(largest_of(options)),
        returns_carriage_(options.writes_carriage_return),
        is_ascii_(std::ranges::find(ends_, kAsciiLineFeed) != ends_.end()) {}
  [[nodiscard]] Result<void> check(ByteView record, bool /*is_followed*/) const override {
    const auto end = std::ranges::find_first_of(record, ends_);
    if (end != record.end()) {
      return unfit(fmt::format("a line with the line end {} at its byte {}", to_hex({&*end, 1}),
                               end - record.begin()));
    }
    if (is_ascii_ && !record.empty() && record.back() == kCarriageReturn)
      return unfit("a line that ends with 0D, which belongs to the line end");
    return check_size(record, largest_);
  }
  Result<void> write(ByteView record, ByteBuffer& out) override {
    Result<void> checked = check(record, false);
    if (!checked) return checked;
    out.append(record);
    if (returns_carriage_) out.append({&kCarriageReturn, 1});
    out.append({ends_.data(), 1});
    return {};
  }
  Result<void> finish(ByteBuffer& /*out*/) override { return {}; }

 private:
  std::vector<std::uint8_t> ends_;
  std::uint64_t largest_;
  bool returns_carriage_;
  bool is_ascii_;
};

class PrefixWriter final : public FrameWriter {
 public:
  explicit PrefixWriter(const FramingOptions& options)
      : rule_(prefix_rule(options)), keeps_prefix_(options.keep_prefix) {}
  [[nodiscard]] Result<void> check(ByteView record, bool /*is_followed*/) const override {
    if (keeps_prefix_) return check_whole(record);
    const Result<void> checked = check_size(record, rule_.largest());
    return checked ? check_length(record.size(), rule_.own() - rule_.adjust, 0) : checked;
  }
  Result<void> write(ByteView record, ByteBuffer& out) override {
    Result<void> checked = check(record, false);
    if (!checked) return checked;
    if (!keeps_prefix_) rule_.append(record.size(), out);
    out.append(record);
    return {};
  }
  Result<void> finish(ByteBuffer& /*out*/) override { return {}; }

 private:
  [[nodiscard]] Result<void> check_whole(ByteView record) const {
    const std::size_t head = rule_.size();
    const auto size = static_cast<std::int64_t>(record.size());
    if (record.size() < head || rule_.payload(record) + static_cast<std::int64_t>(head) != size)
      return unfit(
          fmt::format("a record of {} bytes that does not begin with its length", record.size()));
    return check_size(record.subspan(head), rule_.largest());
  }
  PrefixRule rule_;
  bool keeps_prefix_;
};

/// V, VB, VS, VBS, and FB with BDWs.
class DescriptorWriter final : public FrameWriter {
 public:
  explicit DescriptorWriter(const FramingOptions& options)
      : fixed_size_(options.recfm == Recfm::fixed ? options.lrecl : 0),
        rdw_(rdw_rule(options)),
        bdw_(bdw_rule(options, fixed_size_)),
        has_blocks_(options.bdw == Presence::yes || (options.bdw == Presence::automatic &&
                                                     (options.recfm == Recfm::variable_blocked ||
                                                      options.recfm == Recfm::spanned_blocked))),
        keeps_prefix_(options.keep_prefix),
        block_room_(block_size_of(options) - kDescriptorBytes),
        record_bytes_max_(options.lrecl > 0 ? options.lrecl - kDescriptorBytes
                                            : options.record_bytes_max) {}

  [[nodiscard]] Result<void> check(ByteView record, bool /*is_followed*/) const override {
    if (!rdw_.has_segments) return check_record(record);
    const Result<void> checked = check_size(record, record_bytes_max_);
    return checked ? check_length(record.size(), more_of_rdw(), 1) : checked;
  }
  Result<void> write(ByteView record, ByteBuffer& out) override {
    Result<void> checked = check(record, false);
    if (!checked) return checked;
    if (rdw_.has_segments) {
      write_segments(record, out);
      return {};
    }
    const std::size_t head = fixed_size_ > 0 || keeps_prefix_ ? 0 : kDescriptorBytes;
    ByteBuffer& target = room_for(head + record.size(), out);
    if (head > 0) append_descriptor(record.size(), Segment::complete, rdw_, target);
    target.append(record);
    return {};
  }
  Result<void> finish(ByteBuffer& out) override {
    end_block(out);
    return {};
  }

 private:
  [[nodiscard]] Result<void> check_record(ByteView record) const {
    if (fixed_size_ > 0) {
      if (record.size() == fixed_size_) return {};
      return unfit(
          fmt::format("a record of {} bytes, expected {} (LRECL)", record.size(), fixed_size_));
    }
    ByteView data = record;
    if (keeps_prefix_) {
      if (record.size() < kDescriptorBytes ||
          read_descriptor(record, rdw_).payload !=
              static_cast<std::int64_t>(record.size() - kDescriptorBytes))
        return unfit(
            fmt::format("a record of {} bytes that does not begin with its RDW", record.size()));
      data = record.subspan(kDescriptorBytes);
    }
    const std::int64_t in_block = static_cast<std::int64_t>(block_room_ - kDescriptorBytes);
    const std::int64_t most = has_blocks_ ? std::min(in_block, rdw_.payload_max) : rdw_.payload_max;
    const Result<void> checked = check_size(data, static_cast<std::uint64_t>(most));
    return checked ? check_length(data.size(), more_of_rdw(), 1) : checked;
  }

  /// What an RDW's length has beside the record's size. No length is 0.
  [[nodiscard]] std::int64_t more_of_rdw() const {
    const std::int64_t own = rdw_.includes_itself ? std::int64_t{kDescriptorBytes} : 0;
    return own - rdw_.adjust;
  }

  /// Where `size` bytes are to be put: the block at hand, or the stream.
  ByteBuffer& room_for(std::size_t size, ByteBuffer& out) {
    if (!has_blocks_) return out;
    if (block_.size() + size > block_room_) end_block(out);
    return block_;
  }

  void end_block(ByteBuffer& out) {
    if (block_.size() == 0) return;
    append_descriptor(block_.size(), Segment::complete, bdw_, out);
    out.append(block_.view());
    block_.clear();
  }

  /// Segments fill what is left of the block.
  void write_segments(ByteView record, ByteBuffer& out) {
    const auto most = static_cast<std::size_t>(rdw_.payload_max);
    bool is_first = true;
    do {
      if (has_blocks_ && block_.size() + kDescriptorBytes >= block_room_) end_block(out);
      ByteBuffer& target = has_blocks_ ? block_ : out;
      const std::size_t room =
          has_blocks_ ? std::min(most, block_room_ - block_.size() - kDescriptorBytes) : most;
      const std::size_t size = std::min(room, record.size());
      const bool is_last = size == record.size();
      const Segment segment = is_first ? (is_last ? Segment::complete : Segment::first)
                                       : (is_last ? Segment::last : Segment::middle);
      append_descriptor(size, segment, rdw_, target);
      target.append(record.first(size));
      record = record.subspan(size);
      is_first = false;
    } while (!record.empty());
  }

  std::size_t fixed_size_;
  DescriptorRule rdw_;
  DescriptorRule bdw_;
  bool has_blocks_;
  bool keeps_prefix_;
  std::size_t block_room_;  ///< bytes of a block behind its BDW
  std::uint64_t record_bytes_max_;
  ByteBuffer block_;
};

class FtpBlockWriter final : public FrameWriter {
 public:
  explicit FtpBlockWriter(const FramingOptions& options) : largest_(largest_of(options)) {}
  [[nodiscard]] Result<void> check(ByteView record, bool /*is_followed*/) const override {
    return check_size(record, largest_);
  }
  Result<void> write(ByteView record, ByteBuffer& out) override {
    constexpr std::size_t kBlockMax = 0xFFFF;
    Result<void> checked = check(record, false);
    if (!checked) return checked;
    do {
      const std::size_t size = std::min(kBlockMax, record.size());
      append(size == record.size() ? kFtpEndOfRecord : 0, record.first(size), out);
      record = record.subspan(size);
    } while (!record.empty());
    return {};
  }
  Result<void> finish(ByteBuffer& out) override {
    append(kFtpEndOfFile, {}, out);
    return {};
  }

 private:
  static void append(std::uint8_t code, ByteView data, ByteBuffer& out) {
    out.append({&code, 1});
    append_number(data.size(), 2, false, out);
    out.append(data);
  }
  std::uint64_t largest_;
};

class MicroFocusWriter final : public FrameWriter {
 public:
  explicit MicroFocusWriter(const FramingOptions& options)
      : lrecl_(options.lrecl), head_(lrecl_ < kMicroFocusLongRecord ? 2 : 4) {}
  [[nodiscard]] Result<void> check(ByteView record, bool /*is_followed*/) const override {
    return check_size(record, lrecl_);
  }
  Result<void> write(ByteView record, ByteBuffer& out) override {
    constexpr std::uint32_t kData = 4;
    Result<void> checked = check(record, false);
    if (!checked) return checked;
    begin(out);
    append_number(kData << (8 * head_ - 4) | record.size(), head_, false, out);
    out.append(record);
    pad(micro_focus_extent(head_, record.size()) - head_ - record.size(), 0x20, out);
    return {};
  }
  Result<void> finish(ByteBuffer& out) override {
    begin(out);
    return {};
  }

 private:
  /// The fields of the file header that are documented; creation date and the rest stay zero.
  void begin(ByteBuffer& out) {
    if (has_begun_) return;
    has_begun_ = true;
    append_number(head_ == 2 ? 0x307E0000 : 0x3000007C, 4, false, out);
    pad(32, 0, out);
    append_number(62, 2, false, out);      // 36: always 62
    append_number(0x0001, 2, false, out);  // 38: 0, organization sequential
    pad(8, 0, out);
    append_number(0x01, 1, false, out);  // 48: recording mode variable
    pad(5, 0, out);
    append_number(lrecl_, 4, false, out);  // 54: largest record, 58: smallest
    pad(kMicroFocusHeaderBytes - 58, 0, out);
  }
  static void pad(std::size_t count, std::uint8_t byte, ByteBuffer& out) {
    for (std::size_t i = 0; i < count; ++i) out.append({&byte, 1});
  }
  std::uint32_t lrecl_;
  std::size_t head_;
  bool has_begun_ = false;
};

bool has_blocks(const FramingOptions& options) {
  return options.bdw == Presence::yes || options.recfm == Recfm::variable_blocked ||
         is_spanned(options);
}

Result<void> check_blocks(const FramingOptions& options) {
  // The shortest block has one record, which is empty but for its RDW where there are RDWs.
  const bool is_fixed = options.recfm == Recfm::fixed;
  const std::int64_t shortest = is_fixed ? options.lrecl : kDescriptorBytes;
  const std::int64_t own = options.bdw_includes_itself ? kDescriptorBytes : 0;
  if (options.bdw_adjust > own + shortest - 1)
    return mistake(fmt::format("a BDW adjustment of {} leaves no length of a short block",
                               options.bdw_adjust));
  const std::uint32_t size = block_size_of(options);
  if (is_fixed && size < options.lrecl + kDescriptorBytes)
    return mistake(fmt::format("a block of {} bytes, expected a record of {} and its BDW at least",
                               size, options.lrecl));
  return {};
}

Result<void> check_written(const FramingOptions& options) {
  if (options.skip_header > 0 || options.skip_trailer > 0)
    return mistake("what stands before and behind the records is not known and cannot be written");
  if (options.record_prefix > 0 || options.record_suffix > 0)
    return mistake("bytes that are cut off records are not known and cannot be written");
  if (options.recfm == Recfm::micro_focus && options.lrecl == 0)
    return mistake("a Micro Focus file header holds the largest record's size (LRECL)");
  if (is_spanned(options) && options.rdw_adjust != 0)
    return mistake("lengths of segments are not written with an adjustment");
  return has_blocks(options) ? check_blocks(options) : Result<void>();
}

std::unique_ptr<FrameWriter> make(const FramingOptions& options) {
  switch (options.recfm) {
    case Recfm::fixed:
      if (options.bdw != Presence::yes) return std::make_unique<PlainWriter>(options);
      return std::make_unique<DescriptorWriter>(options);
    case Recfm::variable:
    case Recfm::variable_blocked:
    case Recfm::spanned:
    case Recfm::spanned_blocked:
      return std::make_unique<DescriptorWriter>(options);
    case Recfm::line:
      return std::make_unique<LineWriter>(options);
    case Recfm::length_prefixed:
    case Recfm::ims_llzz:
    case Recfm::gnucobol:
      return std::make_unique<PrefixWriter>(options);
    case Recfm::micro_focus:
      return std::make_unique<MicroFocusWriter>(options);
    case Recfm::ftp_block:
      return std::make_unique<FtpBlockWriter>(options);
    case Recfm::measured:
      return std::make_unique<PlainWriter>(options);
  }
  return nullptr;
}

}  // namespace

Result<void> write_document(ByteView document, FrameWriter& writer, ByteBuffer& out) {
  ByteView rest = document;
  ByteView record;
  for (std::size_t number = 1; next_part(rest, record); ++number) {
    Result<void> checked = writer.check(record, !rest.empty());
    if (checked) continue;
    checked.error().message += fmt::format(" (record {} of the document)", number);
    return checked;
  }
  while (next_part(document, record)) {
    Result<void> written = writer.write(record, out);
    if (!written) return written;
  }
  return {};
}

Result<std::unique_ptr<FrameWriter>> make_writer(const FramingOptions& options) {
  Result<void> checked = check(options);
  if (checked) checked = check_written(options);
  if (!checked) return pass_on(checked);
  return make(options);
}

}  // namespace copybridge::framing
