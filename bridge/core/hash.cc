// XXH3-128 through libxxhash.
#include "bridge/core/hash.h"

#include <xxhash.h>

#include <array>
#include <charconv>

namespace copybridge {
namespace {

constexpr std::size_t kHalf = Hash128::kDigits / 2;

void append_half(std::string& text, std::uint64_t half) {
  constexpr std::string_view kHex = "0123456789abcdef";
  constexpr unsigned kTopDigit = 60;
  std::array<char, kHalf> digits{};
  for (char& digit : digits) {
    digit = kHex[half >> kTopDigit];
    half <<= 4;
  }
  text.append(digits.data(), digits.size());
}

bool read_half(std::string_view digits, std::uint64_t& half) {
  const char* const end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, half, 16);
  return read.ec == std::errc() && read.ptr == end;
}

std::string hex_of(XXH128_hash_t hash) {
  std::string text;
  text.reserve(Hash128::kDigits);
  Hash128{hash.high64, hash.low64}.append_to(text);
  return text;
}

}  // namespace

void Hasher::Deleter::operator()(XXH3_state_s* state) const { XXH3_freeState(state); }

Hasher::Hasher() : state_(XXH3_createState()) { XXH3_128bits_reset(state_.get()); }

void Hasher::update(std::string_view text) {
  XXH3_128bits_update(state_.get(), text.data(), text.size());
}

std::string Hasher::hex() const { return hex_of(XXH3_128bits_digest(state_.get())); }

void Hash128::append_to(std::string& text) const {
  append_half(text, high);
  append_half(text, low);
}

std::optional<Hash128> Hash128::parse(std::string_view digits) {
  Hash128 hash;
  const bool is_one = digits.size() == kDigits && read_half(digits.substr(0, kHalf), hash.high) &&
                      read_half(digits.substr(kHalf), hash.low);
  return is_one ? std::optional(hash) : std::nullopt;
}

Hash128 hash128_of(std::string_view text) {
  const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  return {hash.high64, hash.low64};
}

std::string hash_of(std::string_view text) {
  return hex_of(XXH3_128bits(text.data(), text.size()));
}

}  // namespace copybridge
