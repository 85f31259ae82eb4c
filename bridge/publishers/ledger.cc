// The entries and their messages.
#include "bridge/publishers/ledger.h"

#include <algorithm>
#include <charconv>

namespace copybridge::publishers {

IdLedger::Entry IdLedger::next(const std::vector<const Event*>& events) const {
  Entry entry{next_, {}};
  entry.hashes.reserve(events.size());
  for (const Event* event : events) entry.hashes.push_back(hash128_of(event->id));
  return entry;
}

void IdLedger::add(Entry entry) {
  next_ = std::max(next_, entry.sequence + 1);
  Held& held = entries_[entry.sequence];
  for (const Hash128& hash : entry.hashes) {
    if (sequence_of_.emplace(hash, entry.sequence).second) ++held.left;
  }
  held.hashes = std::move(entry.hashes);
}

void IdLedger::remove_obsolete(std::size_t count) {
  obsolete_.erase(obsolete_.begin(), obsolete_.begin() + static_cast<std::ptrdiff_t>(count));
}

void IdLedger::forget(const std::vector<std::string>& ids) {
  for (const std::string& id : ids) forget_one(id);
}

void IdLedger::forget_hash(const Hash128& hash) {
  const auto found = sequence_of_.find(hash);
  if (found == sequence_of_.end()) return;
  const auto entry = entries_.find(found->second);
  sequence_of_.erase(found);
  if (--entry->second.left > 0) return;
  obsolete_.push_back(entry->first);
  entries_.erase(entry);
}

void IdLedger::erase(std::uint64_t sequence) {
  std::erase(obsolete_, sequence);
  const auto entry = entries_.find(sequence);
  if (entry == entries_.end()) return;
  for (const Hash128& hash : entry->second.hashes) {
    const auto found = sequence_of_.find(hash);
    if (found != sequence_of_.end() && found->second == sequence) sequence_of_.erase(found);
  }
  entries_.erase(entry);
}

std::string IdLedger::key_of(std::uint64_t sequence) const {
  return owner_ + "/" + std::to_string(sequence);
}

std::string IdLedger::value_of(const std::vector<Hash128>& hashes) {
  std::string value;
  value.reserve(hashes.size() * Hash128::kDigits);
  for (const Hash128& hash : hashes) hash.append_to(value);
  return value;
}

std::optional<std::vector<Hash128>> IdLedger::hashes_in(std::string_view value) {
  std::vector<Hash128> hashes;
  hashes.reserve(value.size() / Hash128::kDigits);
  for (; !value.empty(); value.remove_prefix(Hash128::kDigits)) {
    const std::optional<Hash128> hash = Hash128::parse(value.substr(0, Hash128::kDigits));
    if (!hash) return std::nullopt;
    hashes.push_back(*hash);
  }
  return hashes;
}

bool IdLedger::take(std::string_view key, std::string_view value, bool is_removal, bool is_old) {
  if (!key.starts_with(owner_ + "/")) return false;
  key.remove_prefix(owner_.size() + 1);
  std::uint64_t sequence = 0;
  const auto read = std::from_chars(key.data(), key.data() + key.size(), sequence);
  if (read.ec != std::errc() || read.ptr != key.data() + key.size()) return false;
  std::optional<std::vector<Hash128>> hashes = hashes_in(value);
  if (!hashes) return false;
  next_ = std::max(next_, sequence + 1);
  erase(sequence);
  if (is_removal) return true;
  if (is_old) {
    obsolete_.push_back(sequence);
    return true;
  }
  add({sequence, std::move(*hashes)});
  return true;
}

}  // namespace copybridge::publishers
