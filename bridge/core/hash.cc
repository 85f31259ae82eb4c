// XXH3-128 through libxxhash.
#include "bridge/core/hash.h"

#include <fmt/format.h>
#include <xxhash.h>

namespace copybridge {

void Hasher::Deleter::operator()(XXH3_state_s* state) const { XXH3_freeState(state); }

Hasher::Hasher() : state_(XXH3_createState()) { XXH3_128bits_reset(state_.get()); }

void Hasher::update(std::string_view text) {
  XXH3_128bits_update(state_.get(), text.data(), text.size());
}

std::string Hasher::hex() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(state_.get());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

std::string hash_of(std::string_view text) {
  Hasher hasher;
  hasher.update(text);
  return hasher.hex();
}

}  // namespace copybridge
