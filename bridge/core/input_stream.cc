// Chunked reading of files and pipes, and the streaming decompressors behind it.
#include "bridge/core/input_stream.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <system_error>
#include <utility>
#include <vector>

namespace copybridge {

namespace {

constexpr std::size_t kCompressedPieceBytes = std::size_t{256} << 10;
constexpr std::size_t kSkipPieceBytes = std::size_t{256} << 10;
constexpr std::size_t kMagicBytes = 4;

std::string system_text(int number) { return std::system_category().message(number); }

tl::unexpected<Error> source_failure(const std::string& name, const char* what, int number) {
  return fail(ErrorKind::source, "input: " + name + ": " + what + ": " + system_text(number));
}

}  // namespace

/// The descriptor. `head` holds the bytes that were read to look for a magic number.
class InputStream::Raw {
 public:
  Raw(int descriptor, std::string name)
      : descriptor_(descriptor), name_(std::move(name)), start_(::lseek(descriptor, 0, SEEK_CUR)) {}
  ~Raw() { ::close(descriptor_); }
  Raw(const Raw&) = delete;
  Raw& operator=(const Raw&) = delete;

  [[nodiscard]] int descriptor() const { return descriptor_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::uint64_t position() const { return position_; }

  Result<void> read_head() {
    while (head_size_ < kMagicBytes) {
      const Result<std::size_t> count =
          read_descriptor(std::span(head_).subspan(head_size_, kMagicBytes - head_size_));
      if (!count) return pass_on(count);
      if (*count == 0) break;
      head_size_ += *count;
    }
    return {};
  }

  [[nodiscard]] std::span<const std::uint8_t> head() const {
    return std::span(head_).first(head_size_);
  }

  Result<std::size_t> read(std::span<std::uint8_t> into) {
    if (head_taken_ == head_size_) return counted(read_descriptor(into));
    const std::size_t count = std::min(into.size(), head_size_ - head_taken_);
    std::memcpy(into.data(), head_.data() + head_taken_, count);
    head_taken_ += count;
    position_ += count;
    return count;
  }

  [[nodiscard]] bool is_file() const {
    struct stat status {};
    return ::fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode) && start_ >= 0;
  }

  Result<std::size_t> read_at(std::uint64_t position, std::span<std::uint8_t> into) const {
    std::size_t done = 0;
    while (done < into.size()) {
      const off_t offset = start_ + static_cast<off_t>(position + done);
      const ssize_t count = ::pread(descriptor_, into.data() + done, into.size() - done, offset);
      if (count == 0) break;
      if (count > 0) done += static_cast<std::size_t>(count);
      if (count < 0 && errno != EINTR) return source_failure(name_, "cannot be read", errno);
    }
    return done;
  }

  /// False where the input cannot seek; then nothing has moved.
  Result<bool> seek_by(std::uint64_t distance) {
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) return false;
    const off_t here = ::lseek(descriptor_, 0, SEEK_CUR);
    if (here < 0) return false;
    const std::uint64_t unread_head = head_size_ - head_taken_;
    const std::uint64_t begin = static_cast<std::uint64_t>(here) - unread_head;
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (size < begin || distance > size - begin) {
      return fail(ErrorKind::source, "input: " + name_ + ": ends at byte " + std::to_string(size) +
                                         ", before the position to go on from");
    }
    if (::lseek(descriptor_, static_cast<off_t>(begin + distance), SEEK_SET) < 0)
      return source_failure(name_, "cannot seek", errno);
    head_taken_ = head_size_;
    position_ += distance;
    return true;
  }

 private:
  Result<std::size_t> counted(Result<std::size_t> count) {
    if (count) position_ += *count;
    return count;
  }

  Result<std::size_t> read_descriptor(std::span<std::uint8_t> into) {
    while (true) {
      const ssize_t count = ::read(descriptor_, into.data(), into.size());
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno != EINTR) return source_failure(name_, "cannot be read", errno);
    }
  }

  int descriptor_;
  std::string name_;
  off_t start_;  ///< where the input begins in its file; negative where it is none
  std::array<std::uint8_t, kMagicBytes> head_{};
  std::size_t head_size_ = 0;
  std::size_t head_taken_ = 0;
  std::uint64_t position_ = 0;
};

/// A decompressor: refills its compressed piece from the descriptor as it needs.
class InputStream::Decoder {
 public:
  virtual ~Decoder() = default;

  /// As InputStream::read. A fault behind decoded bytes waits for the next call.
  Result<std::size_t> read(Raw& raw, std::span<std::uint8_t> into) {
    if (fault_) return tl::make_unexpected(*fault_);
    std::size_t produced = 0;
    while (true) {
      // Also without input: output may still be pending from what was taken before.
      if (!decode(std::span(piece_).first(filled_), taken_, into, produced)) break;
      if (produced > 0) return produced;
      if (taken_ < filled_) continue;
      const Result<std::size_t> count = raw.read(piece_);
      if (!count) return pass_on(count);
      taken_ = 0;
      filled_ = *count;
      if (filled_ == 0) return at_end(raw);
    }
    fault_ = Error{ErrorKind::framing,
                   "input: " + raw.name() + ": " + fault_text() + " before byte " +
                       std::to_string(raw.position()),
                   {}};
    if (produced == 0) return tl::make_unexpected(*fault_);
    return produced;
  }

 protected:
  /// Decodes from piece[taken] on, advances `taken` and sets `produced`. False: broken data.
  virtual bool decode(std::span<const std::uint8_t> piece, std::size_t& taken,
                      std::span<std::uint8_t> into, std::size_t& produced) = 0;
  [[nodiscard]] virtual bool is_between_frames() const = 0;
  [[nodiscard]] virtual std::string fault_text() const = 0;

 private:
  Result<std::size_t> at_end(const Raw& raw) {
    if (is_between_frames()) return std::size_t{0};
    fault_ = Error{ErrorKind::framing,
                   "input: " + raw.name() + ": compressed data ends early, at byte " +
                       std::to_string(raw.position()),
                   {}};
    return tl::make_unexpected(*fault_);
  }

  std::vector<std::uint8_t> piece_ = std::vector<std::uint8_t>(kCompressedPieceBytes);
  std::size_t taken_ = 0;
  std::size_t filled_ = 0;
  std::optional<Error> fault_;
};

namespace {

/// gzip: any number of members in a row, as `cat a.gz b.gz` makes them.
class GzipDecoder final : public InputStream::Decoder {
 public:
  GzipDecoder() {
    constexpr int kGzipOnly = 16;
    is_ready_ = inflateInit2(&stream_, MAX_WBITS + kGzipOnly) == Z_OK;
  }
  ~GzipDecoder() override { inflateEnd(&stream_); }
  GzipDecoder(const GzipDecoder&) = delete;
  GzipDecoder& operator=(const GzipDecoder&) = delete;

 protected:
  bool decode(std::span<const std::uint8_t> piece, std::size_t& taken, std::span<std::uint8_t> into,
              std::size_t& produced) override {
    if (!is_ready_) return false;
    // Tapes and some transfers pad the last member with zeros.
    while (is_between_ && taken < piece.size() && piece[taken] == 0) ++taken;
    if (taken == piece.size()) return true;
    is_between_ = false;
    // zlib's interface predates const and 64-bit sizes.
    stream_.next_in = const_cast<Bytef*>(piece.data() + taken);
    stream_.avail_in = static_cast<uInt>(piece.size() - taken);
    stream_.next_out = into.data();
    const std::size_t room = std::min<std::size_t>(into.size(), std::numeric_limits<uInt>::max());
    stream_.avail_out = static_cast<uInt>(room);
    const int code = inflate(&stream_, Z_NO_FLUSH);
    taken = piece.size() - stream_.avail_in;
    produced = room - stream_.avail_out;
    // Z_BUF_ERROR: nothing to take and nothing pending.
    if (code != Z_STREAM_END) return code == Z_OK || code == Z_BUF_ERROR;
    is_between_ = true;
    return inflateReset(&stream_) == Z_OK;
  }
  [[nodiscard]] bool is_between_frames() const override { return is_between_; }
  [[nodiscard]] std::string fault_text() const override {
    const char* detail = stream_.msg == nullptr ? "out of memory" : stream_.msg;
    return std::string("gzip data is broken (") + detail + ")";
  }

 private:
  z_stream stream_{};
  bool is_ready_ = false;
  bool is_between_ = true;
};

/// zstd: frames and skippable frames in a row. The library refuses windows above 128 MiB.
class ZstdDecoder final : public InputStream::Decoder {
 protected:
  bool decode(std::span<const std::uint8_t> piece, std::size_t& taken, std::span<std::uint8_t> into,
              std::size_t& produced) override {
    if (stream_ == nullptr) return false;
    if (status_ == 0 && taken == piece.size()) return true;
    ZSTD_inBuffer input{piece.data(), piece.size(), taken};
    ZSTD_outBuffer output{into.data(), into.size(), 0};
    status_ = ZSTD_decompressStream(stream_.get(), &output, &input);
    taken = input.pos;
    produced = output.pos;
    return ZSTD_isError(status_) == 0;
  }
  [[nodiscard]] bool is_between_frames() const override { return status_ == 0; }
  [[nodiscard]] std::string fault_text() const override {
    const char* detail = stream_ == nullptr ? "out of memory" : ZSTD_getErrorName(status_);
    return std::string("zstd data is broken (") + detail + ")";
  }

 private:
  struct Free {
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
  };
  std::unique_ptr<ZSTD_DStream, Free> stream_{ZSTD_createDStream()};
  std::size_t status_ = 0;  ///< 0: the last frame is complete and written out
};

Compression detect(std::span<const std::uint8_t> head) {
  // gzip: magic, then the only method there is and flags whose reserved bits are zero; a V file
  // whose first RDW is 1F8B has zeros behind it.
  if (head.size() == kMagicBytes && head[0] == 0x1F && head[1] == 0x8B && head[2] == 8 &&
      (head[3] & 0xE0) == 0) {
    return Compression::gzip;
  }
  static constexpr std::array<std::uint8_t, kMagicBytes> kZstdMagic = {0x28, 0xB5, 0x2F, 0xFD};
  return std::ranges::equal(head, kZstdMagic) ? Compression::zstd : Compression::none;
}

std::unique_ptr<InputStream::Decoder> make_decoder(Compression compression) {
  switch (compression) {
    case Compression::gzip:
      return std::make_unique<GzipDecoder>();
    case Compression::zstd:
      return std::make_unique<ZstdDecoder>();
    case Compression::automatic:
    case Compression::none:
      return nullptr;
  }
  return nullptr;
}

}  // namespace

InputStream::InputStream(std::unique_ptr<Raw> raw, std::unique_ptr<Decoder> decoder,
                         Compression compression)
    : raw_(std::move(raw)), decoder_(std::move(decoder)), compression_(compression) {}
InputStream::InputStream(InputStream&& other) noexcept = default;
InputStream& InputStream::operator=(InputStream&& other) noexcept = default;
InputStream::~InputStream() = default;

Result<InputStream> InputStream::open(const std::filesystem::path& path, Compression compression) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (descriptor < 0) return source_failure(path.string(), "cannot be opened", errno);
  return adopt(descriptor, path.string(), compression);
}

Result<InputStream> InputStream::adopt(int descriptor, std::string name, Compression compression) {
  auto raw = std::make_unique<Raw>(descriptor, std::move(name));
  // Only a hint to read ahead; pipes refuse it.
  static_cast<void>(::posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL));
  if (compression == Compression::automatic) {
    const Result<void> read = raw->read_head();
    if (!read) return pass_on(read);
    compression = detect(raw->head());
  }
  auto decoder = make_decoder(compression);
  return InputStream(std::move(raw), std::move(decoder), compression);
}

Result<std::size_t> InputStream::read(std::span<std::uint8_t> into) {
  Result<std::size_t> count = decoder_ == nullptr ? raw_->read(into) : decoder_->read(*raw_, into);
  if (count) position_ += *count;
  return count;
}

bool InputStream::can_read_at() const { return decoder_ == nullptr && raw_->is_file(); }

Result<std::size_t> InputStream::read_at(std::uint64_t position,
                                         std::span<std::uint8_t> into) const {
  return raw_->read_at(position, into);
}

Result<void> InputStream::skip_to(std::uint64_t position) {
  if (position < position_) {
    return fail(ErrorKind::source, "input: " + name() + ": cannot go back from byte " +
                                       std::to_string(position_) + " to byte " +
                                       std::to_string(position));
  }
  if (decoder_ == nullptr) {
    const Result<bool> seeked = raw_->seek_by(position - position_);
    if (!seeked) return pass_on(seeked);
    if (*seeked) position_ = position;
  }
  std::vector<std::uint8_t> piece(position > position_ ? kSkipPieceBytes : 0);
  while (position_ < position) {
    const std::size_t wanted = std::min<std::uint64_t>(piece.size(), position - position_);
    const Result<std::size_t> count = read(std::span(piece).first(wanted));
    if (!count) return pass_on(count);
    if (*count == 0) {
      return fail(ErrorKind::source, "input: " + name() + ": ends at byte " +
                                         std::to_string(position_) +
                                         ", before the position to go on from");
    }
  }
  return {};
}

std::uint64_t InputStream::raw_position() const { return raw_->position(); }

std::optional<std::uint64_t> InputStream::raw_size() const {
  struct stat status {};
  if (::fstat(raw_->descriptor(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return static_cast<std::uint64_t>(status.st_size);
}

int InputStream::descriptor() const { return raw_->descriptor(); }

const std::string& InputStream::name() const { return raw_->name(); }

}  // namespace copybridge
