// Signatures by lstat, names made safe to print, and the prefix hash by xxHash.
#include "adapters/file/identity.h"

#include <fmt/format.h>
#include <simdjson.h>
#include <xxhash.h>

#include <cstring>
#include <new>

namespace copybridge::adapters::file {

namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

}  // namespace

Signature signature_of(const struct stat& status) {
  return {static_cast<std::uint64_t>(status.st_dev), static_cast<std::uint64_t>(status.st_ino),
          static_cast<std::uint64_t>(status.st_size),
          status.st_mtim.tv_sec * kNanosecondsPerSecond + status.st_mtim.tv_nsec};
}

std::optional<Signature> signature_at(const std::filesystem::path& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return std::nullopt;
  return signature_of(status);
}

bool is_untouched(const Signature& before, const Signature& now) {
  return before.inode == now.inode && before.size == now.size && before.mtime_ns == now.mtime_ns;
}

std::string difference(const Signature& before, const Signature& now) {
  if (before.inode != now.inode) return "another file took its name";
  if (now.size < before.size) {
    return fmt::format("it was cut from {} to {} bytes", before.size, now.size);
  }
  if (now.size > before.size) {
    return fmt::format("it grew from {} to {} bytes", before.size, now.size);
  }
  return before.mtime_ns == now.mtime_ns ? "" : "it was written to";
}

std::string printable(std::string_view name) {
  const bool is_utf8 = simdjson::validate_utf8(name.data(), name.size());
  std::string text;
  for (const char character : name) {
    const auto byte = static_cast<unsigned char>(character);
    const bool is_control = byte < 0x20 || byte == 0x7F;
    if (is_control || (byte > 0x7F && !is_utf8)) {
      text += fmt::format("\\x{:02X}", unsigned{byte});
    } else {
      text += character;
    }
  }
  return text;
}

std::string printable(const std::filesystem::path& path) {
  return printable(std::string_view(path.native()));
}

void PrefixHash::Free::operator()(XXH3_state_s* state) const { XXH3_freeState(state); }

PrefixHash::PrefixHash() : state_(XXH3_createState()) {
  if (state_ == nullptr) throw std::bad_alloc();
  XXH3_128bits_reset(state_.get());
}

PrefixHash::PrefixHash(const PrefixHash& other) : PrefixHash() {
  XXH3_copyState(state_.get(), other.state_.get());
}

PrefixHash& PrefixHash::operator=(const PrefixHash& other) {
  if (this != &other) *this = PrefixHash(other);
  return *this;
}

void PrefixHash::add(ByteView bytes) {
  XXH3_128bits_update(state_.get(), bytes.data(), bytes.size());
}

Digest PrefixHash::digest() const {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state_.get()));
  Digest digest;
  static_assert(sizeof canonical.digest == sizeof digest);
  std::memcpy(digest.data(), canonical.digest, digest.size());
  return digest;
}

}  // namespace copybridge::adapters::file
