// gzip (RFC 1952) by zlib, zstd (RFC 8878) by libzstd.
#include "bridge/publishers/objects/encoder.h"

#include <zlib.h>
#include <zstd.h>

#include <array>
#include <new>
#include <sstream>
#include <utility>

namespace copybridge::publishers::objects {
namespace {

/// What the libraries are given at a time: their output may depend on where a piece ends.
constexpr std::size_t kPiece = 256 << 10;
constexpr std::array<std::pair<Compression, std::string_view>, 3> kNames = {
    {{Compression::none, "none"}, {Compression::gzip, "gzip"}, {Compression::zstd, "zstd"}}};

std::string_view name_of(Compression compression) {
  return kNames[static_cast<std::size_t>(compression)].second;
}

/// The header holds no time and no name.
class Gzip final : public Compressor {
 public:
  explicit Gzip(int level) {
    constexpr int kWindowAndGzip = 15 + 16;
    constexpr int kMemoryLevel = 8;
    if (::deflateInit2(&stream_, level, Z_DEFLATED, kWindowAndGzip, kMemoryLevel,
                       Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  ~Gzip() override { ::deflateEnd(&stream_); }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

  void add(std::string_view bytes, bool is_last, std::string& out) override {
    // zlib does not write to what it reads.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    std::array<char, 64 << 10> room{};
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(room.data());
      stream_.avail_out = static_cast<uInt>(room.size());
      ::deflate(&stream_, is_last ? Z_FINISH : Z_NO_FLUSH);
      out.append(room.data(), room.size() - stream_.avail_out);
    } while (stream_.avail_out == 0);
  }

 private:
  z_stream stream_{};
};

class Zstd final : public Compressor {
 public:
  explicit Zstd(int level) : stream_(ZSTD_createCCtx()) {
    if (stream_ == nullptr) throw std::bad_alloc();
    ZSTD_CCtx_setParameter(stream_.get(), ZSTD_c_compressionLevel, level);
    ZSTD_CCtx_setParameter(stream_.get(), ZSTD_c_checksumFlag, 1);
  }

  void add(std::string_view bytes, bool is_last, std::string& out) override {
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    std::array<char, 64 << 10> room{};
    for (bool has_more = true; has_more;) {
      ZSTD_outBuffer to{room.data(), room.size(), 0};
      const std::size_t left =
          ZSTD_compressStream2(stream_.get(), &to, &in, is_last ? ZSTD_e_end : ZSTD_e_continue);
      if (ZSTD_isError(left) != 0) throw std::bad_alloc();  // It has no other error here.
      out.append(room.data(), to.pos);
      has_more = is_last ? left > 0 : in.pos < in.size;
    }
  }

 private:
  struct Free {
    void operator()(ZSTD_CCtx* stream) const { ZSTD_freeCCtx(stream); }
  };
  std::unique_ptr<ZSTD_CCtx, Free> stream_;
};

std::unique_ptr<Compressor> make_compressor(const Encoding& encoding) {
  switch (encoding.compression) {
    case Compression::none:
      return nullptr;
    case Compression::gzip:
      return std::make_unique<Gzip>(encoding.level);
    case Compression::zstd:
      return std::make_unique<Zstd>(encoding.level);
  }
  return nullptr;
}

}  // namespace

std::string Encoding::text() const {
  std::string text = format == LineFormat::cloudevents ? "cloudevents " : "body ";
  return text.append(name_of(compression)).append(" ").append(std::to_string(level));
}

std::optional<Encoding> Encoding::parse(const std::string& text) {
  std::istringstream words(text);
  std::string format;
  std::string compression;
  Encoding encoding;
  if (!(words >> format >> compression >> encoding.level)) return std::nullopt;
  encoding.format = format == "cloudevents" ? LineFormat::cloudevents : LineFormat::body;
  for (const auto& [value, name] : kNames) {
    if (name != compression) continue;
    encoding.compression = value;
    return encoding;
  }
  return std::nullopt;
}

std::string_view Encoding::extension() const {
  constexpr std::array<std::string_view, 3> kExtensions = {".jsonl", ".jsonl.gz", ".jsonl.zst"};
  return kExtensions[static_cast<std::size_t>(compression)];
}

std::string_view Encoding::content_type() const {
  constexpr std::array<std::string_view, 3> kTypes = {"application/x-ndjson", "application/gzip",
                                                      "application/zstd"};
  return kTypes[static_cast<std::size_t>(compression)];
}

ObjectEncoder::ObjectEncoder(const Encoding& encoding, std::string room)
    : compressor_(make_compressor(encoding)), bytes_(std::move(room)) {
  bytes_.clear();
}

void ObjectEncoder::add_line() {
  if (compressor_ == nullptr) return digest();
  std::string_view left = text_;
  for (; left.size() >= kPiece; left.remove_prefix(kPiece)) {
    compressor_->add(left.substr(0, kPiece), false, bytes_);
    compressed_ += kPiece;
  }
  text_.erase(0, text_.size() - left.size());
  digest();
}

/// As they come, while they are in the processor's cache.
void ObjectEncoder::digest() {
  if (bytes_.size() - digested_ < kPiece) return;
  sha256_.update(std::string_view(bytes_).substr(digested_));
  digested_ = bytes_.size();
}

ObjectEncoder::Made ObjectEncoder::finish() {
  if (compressor_ != nullptr) compressor_->add(text_, true, bytes_);
  sha256_.update(std::string_view(bytes_).substr(digested_));
  return {std::move(bytes_), hex(sha256_.finish())};
}

}  // namespace copybridge::publishers::objects
